// Ends up to a renaming of generated ids, against a twin that tries every renaming.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact } from '../../src/alone/facts.ts'
import { atomsOf, renamed } from '../../src/alone/renamed.ts'
import { canonical } from '../../src/plain/value.ts'
import { amount } from '../full.ts'

const ids = ['x', 'y', 'z']
const literals = new Set<unknown>(['paid', 'open', 7])
const part = fc.constantFrom(...ids, 'paid', 'open')
const ends = fc.array(fc.tuple(fc.constantFrom('order', 'charge'), fc.array(part, { minLength: 1, maxLength: 2 })), {
  maxLength: 4,
})

test('are equal if and only if some renaming makes them equal', () => {
  const seen = { same: 0, others: 0 }
  fc.assert(
    fc.property(ends, ends, fc.nat(5), fc.boolean(), (one, other, turn, isRenamed) => {
      const facts = factsOf(one)
      const compared = isRenamed
        ? factsOf(one)
            .map((fact) => renamedBy(fact, renamings()[turn]))
            .toReversed()
        : factsOf(other)
      const isSame = renamings().some(
        (names) => sorted(facts.map((fact) => renamedBy(fact, names))) === sorted(compared),
      )
      seen[isSame ? 'same' : 'others'] += 1
      expect(sortedTexts(renamed(facts, literals)) === sortedTexts(renamed(compared, literals))).toBe(isSame)
    }),
    { numRuns: amount(5_000), seed: 1 },
  )
  expect(Math.min(seen.same, seen.others)).toBeGreaterThan(amount(5_000) / 10)
})

describe('what is generated', () => {
  const sameAs = (a: unknown, b: unknown): boolean =>
    String(renamed([factOf('order', a)], literals)) === String(renamed([factOf('order', b)], literals))

  test('times and other numbers do not count, texts of numbers and dates neither', () => {
    expect(sameAs({ at: 1_767_225_600_000 }, { at: 1_767_225_600_123 })).toBe(true)
    expect(sameAs({ at: '2026-01-01T00:00:00.000Z' }, { at: '2026-01-02T10:00:00.000Z' })).toBe(true)
    expect(sameAs({ at: 7 }, { at: 8 })).toBe(false)
  })

  test('an id is looked for in texts that hold JSON, too', () => {
    expect(sameAs('{"id":"a","state":"paid"}', '{"id":"b","state":"paid"}')).toBe(true)
    expect(sameAs('{"id":"a","state":"paid"}', '{"id":"b","state":"open"}')).toBe(false)
    expect(atomsOf(['{"id":"a"}'])).toEqual(new Set(['{"id":"a"}', 'a']))
  })
})

function factOf(source: string, value: unknown): Fact {
  return { source, value, text: `${source} ${canonical(value)}` }
}

function factsOf(end: readonly (readonly [string, readonly string[]])[]): readonly Fact[] {
  return end.map(([source, value]) => factOf(source, value))
}

/** All renamings of the ids to other names. */
function renamings(): readonly ReadonlyMap<unknown, string>[] {
  const fresh = ['x', 'y', 'z']
  return permutations(fresh).map((names) => new Map(ids.map((id, n) => [id, names[n] ?? ''])))
}

function permutations(names: readonly string[]): readonly (readonly string[])[] {
  if (names.length === 0) return [[]]
  return names.flatMap((name) => permutations(names.filter((other) => other !== name)).map((rest) => [name, ...rest]))
}

function renamedBy({ source, value }: Fact, names: ReadonlyMap<unknown, string> | undefined): Fact {
  return factOf(
    source,
    (value as readonly unknown[]).map((one) => names?.get(one) ?? one),
  )
}

function sorted(facts: readonly Fact[]): string {
  return sortedTexts(facts.map(({ text }) => text))
}

function sortedTexts(texts: readonly string[]): string {
  return texts.toSorted().join('\n')
}
