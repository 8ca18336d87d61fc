// What the clocks of machines showed is worked out from the faults in a history: it is held against what simulated
// clocks did show.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { always, journal, op, serve, type Fault, type History, type System } from 'two-generals'
import { leastMs, skewMs, timerMs, waitedMs } from '../../src/history/machine-clocks.ts'
import { bootAddress, clientAddress, type Address } from '../../src/scenario/address.ts'
import { epochMs } from '../../src/simulate/clock.ts'
import { amount } from '../full.ts'
import { eventsOf, pause, runOnce, scenarioOf } from '../simulate/systems.ts'

const shown = journal<readonly [timer: number, wall: number]>('shown')
const show = (): void => {
  shown.add([performance.now(), Date.now() - epochMs])
}

const system: System = {
  nodes: {
    shop: serve(
      () => async () => {
        show()
        await pause(300)
        show()
        return new Response()
      },
      { instances: 2 },
    ),
  },
  operations: [
    op('look', fc.constant(null), async () => {
      for (let n = 0; n < 4; n++) {
        show()
        await fetch('http://shop/', { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
        await pause(700)
      }
    }),
  ],
  faultsForMs: 2_500,
  invariants: [always('nothing', shown, () => true)],
}

const { sites } = await runOnce(system, scenarioOf(system), { collect: true })
const requests: readonly Address[] = sites
  .map(({ address }) => address)
  .filter(({ operation }) => operation === 'GET /')
const starts: readonly Address[] = [bootAddress('shop'), bootAddress('shop', 2), clientAddress('look', 0)]

const ppm = fc.integer({ min: -100_000, max: 100_000 })
const anyDrift: fc.Arbitrary<Fault> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('drift' as const),
      at: fc.constantFrom(...starts, ...requests.filter(({ leg }) => leg === 'request')),
      ppm,
      forMs: fc.integer({ min: 1, max: 2_000 }),
    },
    { requiredKeys: ['kind', 'at', 'ppm'], noNullPrototype: true },
  ),
  fc.record({
    kind: fc.constant('skew' as const),
    at: fc.constantFrom(...starts),
    byMs: fc.integer({ min: -9_000, max: 9_000 }),
  }),
)

test('they agree with what the clocks of nodes, instances and clients showed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyDrift, { selector: (fault) => JSON.stringify(fault), maxLength: 4 }),
      async (faults) => {
        const { history } = await runOnce(system, scenarioOf(system, faults))
        const effects = eventsOf(history, 'effect')
        expect(effects.length).toBeGreaterThan(8)
        for (const event of effects) {
          const [timer, wall] = event.value as readonly [number, number]
          expect(Math.abs(timerMs(history, event, event.atMs) - timer)).toBeLessThan(0.01)
          expect(Math.floor(event.atMs) + skewMs(history, event)).toBe(wall)
        }
      },
    ),
    { numRuns: amount(150) },
  )
})

describe('a wait', () => {
  const historyWith = async (...faults: readonly Fault[]): Promise<History> =>
    (await runOnce(system, scenarioOf(system, faults))).history
  const drifting = (at: Address, by: number): Fault => ({ kind: 'drift', at, ppm: by })
  const [client, shop] = [clientAddress('look', 0), bootAddress('shop')]

  test('is as long as the sender’s own timers say, or virtual time', async () => {
    for (const [by, waited] of [
      [100_000, 1_100],
      [-100_000, 1_000],
    ] as const) {
      const history = await historyWith(drifting(client, by))
      const [sent] = eventsOf(history, 'send')
      if (sent === undefined) throw new Error('Nothing was sent')
      expect(waitedMs(history, sent, 0, 1_000)).toBe(waited)
    }
    const other = await historyWith(drifting(shop, 100_000))
    const [first] = eventsOf(other, 'send')
    expect(first === undefined ? undefined : waitedMs(other, first, 0, 1_000)).toBe(1_000)
  })

  test('took the least by the slowest clock of all', async () => {
    expect(leastMs(await historyWith(drifting(shop, -100_000), drifting(client, 50_000)), 0, 1_000)).toBe(900)
    expect(leastMs(await historyWith(drifting(shop, 100_000)), 0, 1_000)).toBe(1_000)
    expect(leastMs(await historyWith(), 0, 1_000)).toBe(1_000)
  })
})
