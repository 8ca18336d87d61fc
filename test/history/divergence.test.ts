// Two histories are equal where their bytes are: the short cut over their copies says the same.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { divergence } from '../../src/history/divergence.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History } from '../../src/history/history.ts'
import { anyValue } from '../arbitraries.ts'
import { ends, historyOf, invoke } from '../check/build-history.ts'

function historyWith(value: unknown): History {
  const history = historyOf(invoke(0, 'read', 0), ends(1, 'ok', 0))
  const events = history.events.map((event) => (event.kind === 'ok' ? { ...event, value } : event))
  return { ...history, events }
}

function expectAlike(one: unknown, other: unknown): void {
  const [a, b] = [historyWith(one), historyWith(other)]
  const areEqual = historyBytes(a) === historyBytes(b)
  expect(divergence(a, b) === undefined, `${historyBytes(a)} and ${historyBytes(b)}`).toBe(areEqual)
}

/** Alike to somebody: to JSON, to ==, or to a copy. */
const alike = (): readonly unknown[] => [
  ...[undefined, null, 0, -0, Number.NaN, Infinity, 0n, 1n, 1, '', '0', '1', 'null', true, false],
  ...[new Date(0), new Date(Number.NaN), new Date(0).toISOString(), Buffer.from('a'), new Uint8Array([97])],
  ...[[], [undefined], Array(1), [null], {}, Object.create(null), { a: undefined }, { $undefined: true }],
  ...[new Map(), new Set(), new Map([[1, 2]]), [[1, 2]], new Set([1]), [1], '\uD800', '\uFFFD'],
]

test('whatever is alike to somebody', () => {
  expect(new Set(alike().map((value) => historyBytes(historyWith(value)))).size).toBeGreaterThan(30)
  for (const one of alike()) {
    for (const other of alike()) {
      expectAlike(one, other)
      expectAlike({ in: [one] }, { in: [other] })
    }
  }
})

test('any values, and copies of them', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (one, other) => {
      expectAlike(one, other)
      expectAlike(one, structuredClone(one))
    }),
    { seed: 1, numRuns: 100 },
  )
})
