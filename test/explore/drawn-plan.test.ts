import { describe, expect, test } from 'vitest'
import { drawnPlan, wayCount } from '../../src/explore/drawn-plan.ts'
import { faultKinds as allKinds, faultSpec } from '../../src/scenario/fault/registry.ts'

/** Those of a system whose stores do nothing of their own. */
const faultKinds = allKinds.filter((kind) => faultSpec(kind).isOfEngine !== true)

const seeds = Array.from({ length: 400 }, (_, seed) => seed)
const kindsOf = (turn: number): readonly number[] =>
  seeds.map((seed) => Object.keys(drawnPlan(seed, faultKinds, { turn }).rates).length)
const ratesOf = (turn: number, kinds = faultKinds): readonly number[] =>
  seeds.flatMap((seed) => Object.values(drawnPlan(seed, kinds, { turn }).rates))
const isOfOutages = (seed: number, turn?: number): boolean => drawnPlan(seed, faultKinds, { turn }).unit === 'outage'

describe('a random plan', () => {
  test('all kinds that strike rarely, few that strike often, and outages of all kinds take turns', () => {
    expect(new Set(kindsOf(0))).toEqual(new Set([faultKinds.length]))
    expect(new Set(kindsOf(1))).toEqual(new Set([1, 2, 3]))
    expect(new Set(kindsOf(2))).toEqual(new Set([faultKinds.length]))
    expect(kindsOf(wayCount)).toEqual(kindsOf(0))
    expect(Math.max(...ratesOf(1))).toBeGreaterThan(0.4)
    const ofOutages = [0, 1, 2].map((turn) => seeds.filter((seed) => isOfOutages(seed, turn)).length / seeds.length)
    expect(ofOutages.map((share) => Math.round(share * 10) / 10)).toEqual([0, 0.5, 1])
  })

  test('what strikes at a start only strikes oftener there', () => {
    for (const seed of seeds.slice(0, 20)) {
      const { drift = 0, skew = 0 } = drawnPlan(seed, faultKinds, { turn: 0 }).rates
      expect([drift <= 0.05, skew > 4 * drift, skew <= 0.5]).toEqual([true, true, true])
    }
  })

  test('what stops a process or moves a clock is drawn oftener than each of the many ways in which a call fails', () => {
    const { crash = 0, jump = 0, refuse = 0, reset = 0 } = drawnPlan(1, faultKinds, { turn: 0 }).rates
    expect([crash > 3 * refuse, jump > 3 * reset]).toEqual([true, true])
    const [kinds, few] = [['crash', 'refuse'] as const, [0, 2].flatMap((turn) => ratesOf(turn, ['crash', 'refuse']))]
    expect(few.length).toBe(2 * seeds.length * kinds.length)
    expect(Math.max(...few)).toBeLessThanOrEqual(0.5)
  })

  test('of one kind that strikes rarely there are as many faults as of all kinds', () => {
    const mean = (rates: readonly number[]): number => rates.reduce((sum, rate) => sum + rate, 0) / seeds.length
    expect(mean(ratesOf(0, ['pause'])) / mean(ratesOf(0))).toBeGreaterThan(0.6)
    expect(Math.max(...ratesOf(0, ['pause']))).toBeLessThanOrEqual(0.5)
  })

  test('kinds that most code cannot tell apart strike as often as one', () => {
    for (const seed of seeds.slice(0, 20)) {
      const { reset, refuse = 0, lookup = 0, unreachable = 0 } = drawnPlan(seed, faultKinds, { turn: 0 }).rates
      expect(refuse + lookup + unreachable).toBeCloseTo(reset ?? NaN)
      const alone = drawnPlan(seed, ['lookup', 'reset'], { turn: 0 }).rates
      expect(alone.lookup).toBe(alone.reset)
    }
    const ofFew = seeds.flatMap((seed) => Object.keys(drawnPlan(seed, faultKinds, { turn: 1 }).rates))
    const times = (kind: string): number => ofFew.filter((other) => other === kind).length
    const definite = [times('refuse'), times('lookup'), times('unreachable')]
    expect(Math.min(...definite)).toBeGreaterThan(0)
    expect(definite.reduce((sum, one) => sum + one) / times('lose')).toBeCloseTo(1, 0)
  })

  test('is the same for the same seed, and says what it is about only where it is about something', () => {
    expect(drawnPlan(7, faultKinds, { turn: 1 })).toEqual(drawnPlan(7, faultKinds, { turn: 1 }))
    expect(drawnPlan(7, faultKinds)).not.toHaveProperty('aboutMs')
    expect(drawnPlan(7, faultKinds, { aboutMs: 5 })).toMatchObject({ aboutMs: 5 })
  })

  test('without a turn every way is drawn', () => {
    const sizes = seeds.map((seed) => Object.keys(drawnPlan(seed, faultKinds).rates).length)
    expect([sizes.includes(faultKinds.length), sizes.includes(2)]).toEqual([true, true])
    expect(new Set(seeds.map((seed) => isOfOutages(seed)))).toEqual(new Set([true, false]))
  })
})
