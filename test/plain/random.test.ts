import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chance, hash32, mix32 } from '../../src/plain/random.ts'

/** Any UTF-16, halves of pairs too. (fast-check's own "binary" unit takes seconds to begin.) */
const anyKey = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))

describe('the keyed random function', () => {
  test('never changes: saved seeds and golden reports hang on it', () => {
    expect([hash32(0, ''), hash32(1, 'pay#0'), hash32(-1, 'ä 語'), mix32(0), mix32(1)]).toStrictEqual([
      2872998923, 3918923822, 466071624, 0, 1364076727,
    ])
  })

  test('gives unsigned 32 bits, and chances from 0 up to but not including 1', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), anyKey, (seed, key) => {
        const hash = hash32(seed, key)
        expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true)
        expect(chance(seed, key)).toBe(hash / 2 ** 32)
        expect(chance(seed, key)).toBeLessThan(1)
      }),
    )
  })

  test('mix32 is one to one', () => {
    const mixed = new Set(Array.from({ length: 100_000 }, (_, value) => mix32(value)))

    expect(mixed.size).toBe(100_000)
  })

  const keys = (n: number): readonly string[] =>
    Array.from({ length: n }, (_, i) => `pay#${i} | client -> shop POST /orders order#${i} 1 request lose`)

  test('is even over keys that differ in a digit, and over seeds that follow each other', () => {
    const draws = 20_000
    for (const values of [
      keys(draws).map((key) => chance(1, key)),
      Array.from({ length: draws }, (_, seed) => chance(seed, 'pay#0 lose')),
    ]) {
      const bins = Array.from({ length: 20 }, () => 0)
      for (const value of values) bins[Math.floor(value * 20)] = (bins[Math.floor(value * 20)] ?? 0) + 1
      const chiSquare = bins.reduce((sum, count) => sum + (count - draws / 20) ** 2 / (draws / 20), 0)
      expect(chiSquare).toBeLessThan(45) // 19 degrees of freedom: 1 in 1,000 is 43.8; the draws are fixed
    }
  })

  test('two kinds at one site, and two seeds at one key, are drawn independently', () => {
    const correlation = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, value, i) => sum + (value - 0.5) * ((b[i] ?? 0) - 0.5), 0) / a.length / (1 / 12)
    const lose = keys(10_000).map((key) => chance(1, key))
    const delay = keys(10_000).map((key) => chance(1, key.replace('lose', 'delay')))
    const otherSeed = keys(10_000).map((key) => chance(2, key))

    expect(Math.abs(correlation(lose, delay))).toBeLessThan(0.04)
    expect(Math.abs(correlation(lose, otherSeed))).toBeLessThan(0.04)
    expect(correlation(lose, lose)).toBeGreaterThan(0.95)
  })

  test('distinct keys seldom collide', () => {
    expect(new Set(keys(10_000).map((key) => hash32(7, key))).size).toBeGreaterThan(9_990)
  })
})
