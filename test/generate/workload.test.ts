// Workloads: a pure function of the seed, in patterns of arrival, with keys that meet where the arbitraries let them.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeScenario, encodeScenario, noFaults, op, webhook, type Operation, type Workload } from 'two-generals'
import { arrivalsIn, drawArrivals, type ArrivalPattern } from '../../src/generate/arrivals.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { randomWorkload } from '../../src/generate/workload.ts'

const seeds = Array.from({ length: 400 }, (_, seed) => seed)

function drawn(operations: readonly Operation<unknown>[], clients = 3): readonly Workload[] {
  return seeds.map((seed) => randomWorkload(seed, { operations, clients, maxOperations: 8 }, new Shrinkers()))
}

const fresh = op('fresh', fc.record({ order: fc.uuid(), amount: fc.nat() }), () => undefined)
const pooled = op(
  'pooled',
  fc.record({ item: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), amount: fc.nat() }),
  () => undefined,
)
const clicked = op('clicked', fresh.arbitrary, () => undefined, { doubleSubmit: true })
const told = webhook('told', fresh.arbitrary, { to: 'http://shop/hooks' })

describe('a workload', () => {
  test('is the same for the same seed, and plain data that can be saved', () => {
    expect(drawn([fresh, pooled, clicked])).toEqual(drawn([fresh, pooled, clicked]))

    for (const workload of drawn([fresh, pooled, clicked])) {
      const scenario = { workload, plan: noFaults, seed: 1 }
      expect(decodeScenario(JSON.parse(JSON.stringify(encodeScenario(scenario))), 'here')).toEqual(scenario)
    }
  })

  test('keeps to its sizes', () => {
    const all = drawn([fresh, clicked], 2)

    expect(new Set(all.map(({ invocations }) => invocations.length))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]))
    expect(new Set(all.flatMap(({ invocations }) => invocations.map(({ client }) => client)))).toEqual(new Set([0, 1]))
    for (const { invocations } of all)
      expect(invocations.map(({ id }) => id)).toEqual(invocations.map((_, index) => index))
  })
})

test('a provider tells of some events again: at once, soon, or when a day-old key is forgotten', () => {
  const again = drawn([told]).flatMap(({ invocations }) =>
    invocations.flatMap((one, n) => (n > 0 && one.input === invocations[n - 1]?.input ? [one.afterMs] : [])),
  )

  expect(again.filter((ms) => ms < 10_000).length).toBeGreaterThan(0)
  expect(again.filter((ms) => ms > 24 * 3_600_000).length).toBeGreaterThan(0)
})

describe('arrivals', () => {
  const [size, clients] = [6, 3]
  const shown = (pattern: ArrivalPattern, seed = 1): readonly string[] =>
    arrivalsIn(pattern, seed, size, clients).map(({ client, afterMs }) => `${client}+${afterMs}`)

  test('about a length: one or two come so much later, or from one moment on the next one of every client does', () => {
    const gaps = seeds.map((seed) => {
      const [usual, about] = [drawArrivals(seed, size, clients), drawArrivals(seed, size, clients, 3_600_000)]
      return about.flatMap(({ client, afterMs }, n) => {
        const moreMs = afterMs - (usual[n]?.afterMs ?? 0)
        return moreMs === 0 ? [] : [{ client, moreMs }]
      })
    })
    const breaks = gaps.filter(
      (own) =>
        own.length > 1 &&
        new Set(own.map(({ moreMs }) => moreMs)).size === 1 &&
        new Set(own.map(({ client }) => client)).size === own.length,
    )
    expect(breaks.length).toBeGreaterThan(seeds.length / 4)
    expect(breaks.some((own) => own.length === 3)).toBe(true)
    for (const { moreMs } of gaps.flat()) expect(moreMs).toBeGreaterThan(3_400_000)
  })

  test('all at once, and again', () => {
    expect(shown('burst')).toEqual(['0+0', '1+0', '2+0', '0+1000', '1+1000', '2+1000'])
  })

  test('evenly spread', () => {
    expect(shown('even')).toEqual(['0+1000', '1+2000', '2+3000', '0+3000', '1+3000', '2+3000'])
  })

  test('faster and faster', () => {
    expect(shown('ramp')).toEqual(['0+1000', '1+1500', '2+1750', '0+875', '1+437', '2+218'])
  })

  test('at random moments: a Poisson process', () => {
    const gaps = seeds
      .flatMap((seed) => arrivalsIn('poisson', seed, 8, 1).map(({ afterMs }) => afterMs))
      .toSorted((a, b) => a - b)
    const mean = (10 + 30 + 100 + 1_000) / 4

    expect(gaps.reduce((sum, ms) => sum + ms, 0) / gaps.length).toBeGreaterThan(mean * 0.8)
    expect(gaps.reduce((sum, ms) => sum + ms, 0) / gaps.length).toBeLessThan(mean * 1.2)
    expect(new Set(gaps).size).toBeGreaterThan(500)
  })

  test('one after the other', () => {
    expect(new Set(arrivalsIn('queue', 1, size, clients).map(({ client }) => client))).toEqual(new Set([0]))
  })

  test('each is drawn', () => {
    const drawnIn = (pattern: ArrivalPattern): readonly number[] =>
      seeds.filter((seed) => {
        const { invocations } = randomWorkload(
          seed,
          { operations: [fresh], clients, maxOperations: 8 },
          new Shrinkers(),
        )
        const arriving = invocations.map(({ client, afterMs }) => ({ client, afterMs }))
        return (
          invocations.length === 8 && JSON.stringify(arriving) === JSON.stringify(arrivalsIn(pattern, seed, 8, clients))
        )
      })

    for (const pattern of ['mixed', 'burst', 'even', 'ramp', 'poisson', 'queue'] as const)
      expect(drawnIn(pattern).length, pattern).toBeGreaterThan(0)
  })
})

describe('shared keys', () => {
  const sharing = ({ invocations }: Workload, field: string): boolean => {
    const values = invocations.map(({ input }) => (input as Readonly<Record<string, unknown>>)[field])
    return new Set(values).size < values.length
  }
  const three = (workload: Workload): boolean => workload.invocations.length === 3

  test('values of a small pool meet far more often than by chance', () => {
    const workloads = drawn([pooled]).filter(three)
    const byChance = 1 - (5 / 6) * (4 / 6)

    expect(workloads.filter((one) => sharing(one, 'item')).length / workloads.length).toBeGreaterThan(byChance + 0.15)
  })

  test('fresh ids never meet: what the arbitrary does not make is not made', () => {
    expect(drawn([fresh]).filter((one) => sharing(one, 'order'))).toEqual([])
  })

  test('operations meet each other', () => {
    const cancel = op('cancel', fc.record({ item: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') }), () => undefined)
    const pairs = drawn([pooled, cancel]).filter(
      ({ invocations: [a, b, c] }) => b !== undefined && c === undefined && a?.operation !== b.operation,
    )

    expect(pairs.filter((one) => sharing(one, 'item')).length / pairs.length).toBeGreaterThan(1 / 6 + 0.1)
  })

  test('every input is one that the arbitrary makes', () => {
    const odd = op(
      'odd',
      fc
        .nat(40)
        .filter((n) => n % 2 === 1)
        .map((n) => ({ n })),
      () => undefined,
    )
    for (const { invocations } of drawn([odd]))
      for (const { input } of invocations) expect((input as { n: number }).n % 2).toBe(1)
  })
})

describe('double submit', () => {
  const pairsOf = ({ invocations }: Workload): readonly (readonly [number, number])[] =>
    invocations.flatMap(({ id, input }) =>
      invocations
        .filter((other) => other.id > id && JSON.stringify(other.input) === JSON.stringify(input))
        .map((other) => [id, other.id] as const),
    )

  test('the same input once more, by another client, where users submit twice; and only there', () => {
    const workloads = drawn([clicked, fresh])
    const pairs = workloads.flatMap((workload) =>
      pairsOf(workload).map(([a, b]) => [workload.invocations[a], workload.invocations[b]] as const),
    )

    expect(pairs.length).toBeGreaterThan(100)
    for (const [first, second] of pairs) {
      expect(first?.operation).toBe('clicked')
      expect(second?.operation).toBe('clicked')
    }
    // A third click is on the first tab again
    expect(pairs.filter(([first, second]) => first?.client === second?.client).length).toBeLessThan(pairs.length / 4)
  })

  test('within 300 ms, so that they overlap', () => {
    const firsts = drawn([clicked]).flatMap(({ invocations: [a, b] }) =>
      a !== undefined && JSON.stringify(a.input) === JSON.stringify(b?.input) ? [[a, b]] : [],
    )

    expect(firsts.length).toBeGreaterThan(50)
    for (const [a, b] of firsts) {
      expect((b?.afterMs ?? -1) - (a?.afterMs ?? 0)).toBeGreaterThanOrEqual(0)
      expect((b?.afterMs ?? Infinity) - (a?.afterMs ?? 0)).toBeLessThanOrEqual(300)
    }
  })

  test('one client submits twice one after the other', () => {
    expect(drawn([clicked], 1).some((workload) => pairsOf(workload).length > 0)).toBe(true)
  })
})
