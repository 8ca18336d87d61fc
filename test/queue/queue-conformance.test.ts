// What holds for every queue: the same scenario gives the same history, byte for byte, whatever ran before it; the
// order is stable; nothing leaks into the next history; a crash freezes its consumer, and takes nothing from the queue.
import { historyBytes, scenario, type History, type Scenario, type System } from 'two-generals'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { open } from '../../src/simulation.ts'
import { amount } from '../full.ts'
import { shop, throwsForOne as throwsForOneOf } from './cloudflare-worlds.ts'
import { adds, booking, written } from './kafka-worlds.ts'
import {
  careful,
  consuming,
  inOrder,
  invoked,
  naive,
  polling,
  reportsOne,
  setsAside,
  throwsForOne,
} from './sqs-worlds.ts'

// The SDK reads the clock for each request, so that such a history goes on for as long as a clock was moved
describe.each<[name: string, histories: number, system: System]>([
  ['sqs-consumer over the SDK', 30, consuming(careful)],
  ['a consumer that polls', 300, polling(careful)],
  ['one that charges twice', 300, polling(naive)],
  ['a function', 300, invoked(reportsOne)],
  ['a function that throws', 300, invoked(throwsForOne)],
  ['a function and a queue in order', 300, inOrder(setsAside)],
  ['a Worker of Cloudflare', 300, shop(throwsForOneOf, { waits: true })],
  ['members of a Kafka group', 300, booking(adds, { idempotent: true, entries: written })],
])('%s', (_name, histories, system) => {
  const scenarios = fc.sample(scenario(system), { numRuns: amount(histories), seed: 7 })

  test('the same bytes again, after other histories; and the dead do nothing', { timeout: 300_000 }, async () => {
    const simulation = await open(system)
    const play = async (one: Scenario): Promise<History> => (await simulation.run(one)).history
    const first: string[] = []
    try {
      for (const one of scenarios) {
        const history = await play(one)
        expect(actsOfTheDead(history)).toEqual([])
        first.push(historyBytes(history))
      }
      for (const [index, one] of [...scenarios.entries()].reverse())
        expect(historyBytes(await play(one)) === first[index], `scenario ${index}`).toBe(true)
    } finally {
      await simulation.close()
    }
  })
})

/** Messages and effects of a node between its crash and its next start. Nodes here have one or two instances. */
function actsOfTheDead({ events }: History): readonly unknown[] {
  const living = new Map<string, number>()
  const found: unknown[] = []
  for (const event of events) {
    if (event.kind === 'boot') living.set(event.node, (living.get(event.node) ?? 0) + 1)
    if (event.kind === 'crash') living.set(event.node, (living.get(event.node) ?? 0) - 1)
    const isAct = event.kind === 'effect' || (event.kind === 'send' && event.request < 0)
    if (isAct && living.has(event.node) && (living.get(event.node) ?? 0) <= 0) found.push(event)
  }
  return found
}
