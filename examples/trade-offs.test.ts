// What each of six choices gains, and what it owes for that, in one call.
import { readFileSync, writeFileSync } from 'node:fs'
import { compareVariants, formatComparison, type VariantComparison } from 'two-generals/tolerance'
import { expect, test } from 'vitest'
import { choosing, variants } from './trade-offs.ts'

const document = new URL('../docs/tolerance.md', import.meta.url)

/** `holds -> violated`, by what it is of and the kind of fault. */
function sides({ trades }: VariantComparison, of: string) {
  const { gains = [], pays = [] } = trades.find(({ variant }) => variant === of) ?? {}
  const named = (changes: typeof gains): readonly string[] => changes.map(({ what, fault }) => `${what} / ${fault}`)
  return { gains: named(gains), pays: named(pays) }
}

test('retries gain answers, and owe idempotency', async () => {
  const compared = await compareVariants({ nothing: choosing(), retries: choosing({ retries: 2 }) }, { numRuns: 0 })
  const { gains, pays } = sides(compared, 'retries')
  expect(gains).toContain('answered ok / lose')
  expect(pays).toContain('atMostOnce(charge) / lose')
  expect(gains).not.toContain('atMostOnce(charge) / lose')
})

test('each choice mends something and owes something', { tags: ['full'], timeout: 120_000 }, async () => {
  const compared = await compareVariants(variants)
  const expected: readonly (readonly [variant: string, gained: string, paid: string])[] = [
    ['retries', 'answered ok / lose', 'atMostOnce(charge) / lose'],
    ['a time limit', 'slowest / slow', 'answered ok / delay'],
    ['a breaker', 'contained(bank, breaker) / partition', 'answered ok / delay'],
    ['a bulkhead', 'contained(bank, spared) / slow', 'answered ok / none'],
    ['strict order', 'payments keep their order / delay', 'settled after / hang'],
    ['known prices', 'answered ok / partition', 'degraded(browse) without prices / none'],
  ]
  for (const [variant, gained, paid] of expected) {
    const { gains, pays } = sides(compared, variant)
    expect([variant, gains.includes(gained), pays.includes(paid)]).toEqual([variant, true, true])
  }
  const told = formatComparison(compared)
  const trades = told.slice(0, told.indexOf('A  atMostOnce')).trim()
  const page = readFileSync(document, 'utf8')
  const written = page.replace(/(formatComparison\(compared\)\)\n```\n\n```text\n)[^`]*/, `$1${trades}\n`)
  if (process.env['UPDATE_README'] === '1') writeFileSync(document, written)
  expect(readFileSync(document, 'utf8')).toBe(written)
})
