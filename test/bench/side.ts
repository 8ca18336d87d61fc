// One side of `npm run bench -- NAME --against COMMIT`, in a process of its own: runs a slice whenever it is told to.
// Which sources it measures is decided by resolve.ts.
import { slice, type Measured } from './alternate.ts'
import { simulatedOrders } from './throughput-direct.ts'
import { simulatedRetry } from './throughput-handwritten.ts'

const sides: Readonly<Record<string, () => Promise<Measured>>> = {
  'throughput-direct': simulatedOrders,
  'throughput-handwritten': simulatedRetry,
}

const [name = ''] = process.argv.slice(2)
const measured = await sides[name]?.()
if (measured === undefined) throw new Error(`There is no benchmark "${name}" to compare.`)
const { work } = measured
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
await work()
process.on('message', () => {
  void slice(work, cpuMs).then((rate) => process.send?.(rate))
})
process.send?.('ready')
