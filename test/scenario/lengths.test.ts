import { describe, expect, test } from 'vitest'
import { decodeScenario, encodeScenario } from '../../src/scenario/codec.ts'
import { faultKinds, faultSpec, type FaultKind } from '../../src/scenario/fault/registry.ts'
import { largestStepOf, reachOf } from '../../src/scenario/fault/reach.ts'
import { aboutOf, gapAround, lastingAround } from '../../src/scenario/lengths.ts'
import { adversary, everyFault, listed } from '../../src/scenario/plan.ts'
import { anySite } from '../arbitraries.ts'
import * as fc from 'fast-check'
import { callSite } from './fault/sites.ts'

const seeds = Array.from({ length: 2_000 }, (_, seed) => seed)

describe('the length of time that a history is about', () => {
  const about = (knownMs: readonly number[], mostMs: number): readonly number[] =>
    seeds.flatMap((seed) => aboutOf(seed, { knownMs, leftMs: [], mostMs }) ?? [])

  test('half of the histories are about none, most others about what is known', () => {
    const found = about([30_000], 90_000_000)
    expect(found.length / seeds.length).toBeCloseTo(0.5, 1)
    expect(found.filter((ms) => ms === 30_000).length / found.length).toBeCloseTo(0.8, 1)
  })

  test('the others lie between the rungs too, from a second to more than a day', () => {
    const found = about([], 90_000_000)
    expect(new Set(found).size).toBeGreaterThan(found.length / 2)
    expect([Math.min(...found) < 1_000, Math.max(...found) > 86_400_000]).toEqual([true, true])
  })

  test('none is longer than a system can be left alone for, known or not', () => {
    expect(about([30_000, 600_000], 40_000).every((ms) => ms <= 60_000)).toBe(true)
    expect(about([600_000], 0)).toEqual([])
  })

  test('each known length has its turn', () => {
    const inTurn = seeds
      .slice(0, 300)
      .flatMap((turn) => aboutOf(4, { knownMs: [1_500, 2_500], leftMs: [], mostMs: 9_000 }, turn) ?? [])
    expect(new Set(inTurn).size).toBeGreaterThan(1)
  })

  test('gaps pass it just so, and faults usually last for longer than the gap', () => {
    const gaps = seeds.map((seed) => gapAround(seed, 'a', 1_000))
    const lasting = seeds.map((seed) => lastingAround(seed, 'b', 1_000))
    expect(new Set(gaps)).toEqual(new Set([1_020, 1_300, 2_100, 970]))
    expect(lasting.filter((ms, index) => ms > (gaps[index] ?? 0)).length / seeds.length).toBeGreaterThan(0.6)
  })
})

describe('faults that last', () => {
  test('a plan about a length draws lasting faults of about that length, the same each time', () => {
    const site = callSite('request')
    const drawn = (seed: number, aboutMs?: number): readonly number[] =>
      adversary(
        { kind: 'drawn', seed, rates: { pause: 1 }, maxFaults: 9, ...(aboutMs === undefined ? {} : { aboutMs }) },
        everyFault,
      )
        .at(site)
        .flatMap((fault) => (fault.kind === 'pause' ? [fault.forMs] : []))
    const about = seeds.slice(0, 200).flatMap((seed) => drawn(seed, 30_000))
    expect(about.filter((ms) => ms >= 30_600 && ms <= 90_000).length / about.length).toBeGreaterThan(0.7)
    expect(seeds.slice(0, 200).flatMap((seed) => drawn(seed, 30_000))).toEqual(about)
    expect(new Set(seeds.slice(0, 200).flatMap((seed) => drawn(seed)))).toEqual(new Set([10_000]))
  })

  test.each(faultKinds.filter((kind) => faultSpec(kind).lasting !== undefined))(
    '%s stays what it is, is saved, and goes on for as long as it says',
    (kind) => {
      const spec = faultSpec(kind)
      fc.assert(
        fc.property(anySite, fc.integer({ min: 1, max: 40 * 86_400_000 }), (site, ms) => {
          for (const fault of spec.values(site)) {
            const longer = spec.lasting?.(fault, ms, site)
            if (longer === undefined) throw new Error('a kind that lasts')
            expect([longer.kind, longer.at]).toEqual([kind, fault.at])
            const scenario = { workload: { invocations: [] }, plan: listed([longer]), seed: 1 }
            expect(decodeScenario(JSON.parse(JSON.stringify(encodeScenario(scenario))), 'a file')).toEqual(scenario)
          }
        }),
      )
    },
  )

  test('nobody is away for longer than a minute: a process that stands still for longer is replaced', () => {
    const dayMs = 86_400_000
    const longest = (kind: FaultKind): unknown => {
      const [fault] = faultSpec(kind).values(callSite('request', { repeatable: true }))
      return fault && faultSpec(kind).lasting?.(fault, dayMs, callSite('request'))
    }
    expect(longest('delay')).toMatchObject({ byMs: 60_000 })
    expect(longest('crash')).toMatchObject({ restartAfterMs: 60_000 })
    for (const kind of ['partition', 'slow', 'latency'] as const) expect(longest(kind)).toMatchObject({ forMs: 60_000 })
    expect(longest('pause')).toMatchObject({ forMs: 3_600_000, replaced: 'yes' })
    expect(longest('duplicate')).toMatchObject({ gapMs: 60_000 })
  })

  test('how long a leg is disturbed, and how far its clocks move', () => {
    const still = { delayMs: 3, fate: 'pass', copies: [], crashes: [], pauses: [], jumps: [], drifts: [] } as const
    expect([reachOf(still), largestStepOf(still)]).toEqual([3, 0])
    const all = {
      ...still,
      copies: [{ after: 'reply', afterMs: 4 }],
      crashes: [{ node: 'shop', restartAfterMs: 5 }],
      pauses: [{ node: 'shop', forMs: 6, replaced: false }],
    } as const
    expect(reachOf(all)).toBe(6)
    expect(reachOf({ ...all, answer: { status: 429, retryAfterMs: 7 } })).toBe(7)
    expect(reachOf({ ...all, begins: [{ from: {}, to: {}, forMs: 8, what: { kind: 'cut' } }] })).toBe(8)
    const moved = { ...all, jumps: [{ node: 'shop', byMs: -9 }] }
    expect([reachOf(moved), largestStepOf(moved)]).toEqual([6, 9])
  })
})
