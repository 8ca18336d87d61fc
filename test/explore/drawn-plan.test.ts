import { describe, expect, test } from 'vitest'
import { drawnPlan } from '../../src/explore/drawn-plan.ts'
import { faultKinds } from '../../src/scenario/fault/registry.ts'

const seeds = Array.from({ length: 400 }, (_, seed) => seed)
const kindsOf = (turn: number): readonly number[] =>
  seeds.map((seed) => Object.keys(drawnPlan(seed, faultKinds, { turn }).rates).length)
const ratesOf = (turn: number, kinds = faultKinds): readonly number[] =>
  seeds.flatMap((seed) => Object.values(drawnPlan(seed, kinds, { turn }).rates))

describe('a random plan', () => {
  test('all kinds that strike rarely, few that strike often, and half of them take turns', () => {
    expect(new Set(kindsOf(0))).toEqual(new Set([faultKinds.length]))
    expect(new Set(kindsOf(1))).toEqual(new Set([1, 2, 3]))
    expect(Math.max(...kindsOf(2))).toBeLessThan(faultKinds.length)
    expect(kindsOf(3)).toEqual(kindsOf(0))
    expect(Math.max(...ratesOf(0))).toBeLessThanOrEqual(0.1)
    expect(Math.max(...ratesOf(1))).toBeGreaterThan(0.4)
  })

  test('of one kind that strikes rarely there are as many faults as of all kinds', () => {
    const mean = (rates: readonly number[]): number => rates.reduce((sum, rate) => sum + rate, 0) / seeds.length
    expect(mean(ratesOf(0, ['pause'])) / mean(ratesOf(0))).toBeGreaterThan(0.6)
    expect(Math.max(...ratesOf(0, ['pause']))).toBeLessThanOrEqual(0.5)
  })

  test('is the same for the same seed, and says what it is about only where it is about something', () => {
    expect(drawnPlan(7, faultKinds, { turn: 1 })).toEqual(drawnPlan(7, faultKinds, { turn: 1 }))
    expect(drawnPlan(7, faultKinds)).not.toHaveProperty('aboutMs')
    expect(drawnPlan(7, faultKinds, { aboutMs: 5 })).toMatchObject({ aboutMs: 5 })
  })

  test('without a turn every way is drawn', () => {
    const sizes = seeds.map((seed) => Object.keys(drawnPlan(seed, faultKinds).rates).length)
    expect([sizes.includes(faultKinds.length), sizes.includes(2), sizes.includes(8)]).toEqual([true, true, true])
  })
})
