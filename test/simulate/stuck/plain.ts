// Run by stuck.test.ts in a Node of its own, with the name of a loop: no vitest.
import { noFaults, simulate } from '../../../src/index.ts'
import { shopThat } from './loops.ts'

const [, , does = ''] = process.argv
const invocations = [0, 1, 2, 3, 4].map((id) => ({ id, operation: 'pay', client: id, afterMs: 0, input: null }))
const { events } = await simulate(shopThat(does), { workload: { invocations }, plan: noFaults, seed: 1 })
console.log(`${events.length} events`)
