// One side of `npm run bench -- NAME --against COMMIT`, in a process of its own: measures whatever it is asked for.
// Which sources it measures is decided by resolve.ts; it loads no more of them than it needs, since an earlier commit
// may lack the rest.
import { cpuMs, slice, type Measured } from './alternate.ts'

/** Measures a slice, or the case of this number. Nothing where there is nothing to measure. */
type Answering = (question: unknown) => Promise<number | undefined>

const sides: Readonly<Record<string, () => Promise<Answering>>> = {
  'throughput-direct': async () => slices((await import('./throughput-direct.ts')).simulatedOrders),
  'throughput-handwritten': async () => slices((await import('./throughput-handwritten.ts')).simulatedRetry),
  'throughput-http': async () => slices((await import('./throughput-http.ts')).simulatedTrips),
  'first-story': stories,
}

async function slices(start: () => Promise<Measured>): Promise<Answering> {
  const { work } = await start()
  await work()
  return () => slice(work, cpuMs)
}

async function stories(): Promise<Answering> {
  const { corpus } = await import('../quality/corpus.ts')
  const { storyCpuMs } = await import('./first-story.ts')
  return async (question) => {
    const bug = corpus[Number(question)]
    return bug && storyCpuMs(bug)
  }
}

const [name = ''] = process.argv.slice(2)
const answer = await sides[name]?.()
if (answer === undefined) throw new Error(`There is no benchmark "${name}" to compare.`)
process.on('message', (question) => {
  void answer(question).then((measured) => process.send?.(measured ?? null))
})
process.send?.('ready')
