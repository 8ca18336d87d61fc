import { describe, expect, test } from 'vitest'
import { durationsInText } from '../../src/generate/durations-in-text.ts'

const lengths = (text: string): readonly number[] => [...new Set(durationsInText(text).map(({ ms }) => ms))]

describe('lengths of time in source text', () => {
  test.each([
    ['a number with a name of time', 'const leaseMs = 30_000', [30_000]],
    ['a product', 'const day = 24 * 60 * 60 * 1000', [86_400_000]],
    ['a product of a constant', 'const SECOND = 1000\nlease(30 * SECOND)', [1_000, 30_000]],
    ['a named argument', 'setTimeout(sweep, 45_000)', [45_000]],
    ['a property', 'new Breaker({ halfOpenAfter: 10_000 })', [10_000]],
    ['seconds by name', 'redis.set(key, value, { ttlSeconds: 90 })', [90_000]],
    ['seconds of a life', 'const tokenAge = 3600', [3_600_000, 3_600]],
    ['text with a unit', "jwt.sign(claims, key, { expiresIn: '15m' })", [900_000]],
    ['text with a long unit', "every('2 hours')", [7_200_000]],
    ['a header', "headers: { 'cache-control': 'public, max-age=60' }", [60_000]],
    ['units as properties', 'now.add({ hours: 6 })', [21_600_000]],
    ['a time limit', 'AbortSignal.timeout(2_000)', [2_000]],
    ['a comparison with a name', 'if (Date.now() - at < dayMs) return\nconst dayMs = 86_400_000', [86_400_000]],
  ])('%s', (_, text, found) => {
    expect(lengths(text)).toEqual(found)
  })

  test.each([
    ['a comment', '// waits 30_000 ms\n/* timeout: 5000 */'],
    ['a small number', 'retries: 3, attempts = 2'],
    ['a number that no name calls a time', 'const port = 8081; const version = 1234'],
    ['more than forty days', 'const expiresMs = 90 * 24 * 60 * 60 * 1000'],
    ['nothing', ''],
  ])('none in %s', (_, text) => {
    expect(lengths(text)).toEqual([])
  })

  test.each(["'", '-', 'aB3x', '1234567890', 'a * ', '/*', '1_'])(
    'a long run of %s takes no time worth mentioning', // a quadratic search takes half a minute
    { timeout: 5_000 },
    (piece) => {
      expect(lengths(`const artMs = 1_500 + ${piece.repeat(100_000)}`)).toContain(1_500)
    },
  )

  test('names that call it a time are surer than its form', () => {
    expect(durationsInText('const leaseMs = 30_000\nsend(5_000)')).toEqual([
      { ms: 30_000, rank: 0, text: 'leaseMs = 30_000', at: 6 },
      { ms: 5_000, rank: 1, text: '5_000', at: 23 },
    ])
  })
})
