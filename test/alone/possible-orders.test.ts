// The orders that explain a history, against a twin that writes down all sequences and keeps those that may be.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { possibleOrders } from '../../src/alone/possible-orders.ts'
import { amount } from '../full.ts'

interface Timed {
  readonly isDone: boolean
  readonly from: number
  readonly takes: number
}

const operations = fc.array(
  fc.record({ isDone: fc.boolean(), from: fc.nat(5), takes: fc.integer({ min: 1, max: 4 }) }),
  {
    maxLength: 4,
  },
)

test('are all sequences of all that are done and any of the others, in real time where that binds', () => {
  fc.assert(
    fc.property(operations, fc.boolean(), (all, bind) => {
      const ids = [...all.keys()]
      const spans = new Map(all.map((one, id) => [id, spanOf(one)]))
      const found = possibleOrders(
        ids.filter((id) => all[id]?.isDone === true),
        ids.filter((id) => all[id]?.isDone === false),
        spans,
        bind,
      )
      const expected = sequences(ids).filter(
        (order) =>
          ids.every((id) => all[id]?.isDone === false || order.includes(id)) &&
          (!bind || order.every((id, n) => order.slice(n + 1).every((later) => !isBefore(all[later], all[id])))),
      )
      expect(found.map(String).toSorted()).toEqual(expected.map(String).toSorted())
      expect(found.map(({ length }) => length)).toEqual(found.map(({ length }) => length).toSorted((a, b) => b - a))
    }),
    { numRuns: amount(1_000) },
  )
})

test('the first is that in which they were answered', () => {
  const spans = new Map([
    [0, { from: 0, to: 9 }],
    [1, { from: 1, to: 4 }],
    [2, { from: 2, to: Infinity }],
  ])
  expect(possibleOrders([0, 1], [2], spans, false)[0]).toEqual([1, 0, 2])
})

function spanOf({ isDone, from, takes }: Timed) {
  return { from, to: isDone ? from + takes : Infinity }
}

function isBefore(one: Timed | undefined, other: Timed | undefined): boolean {
  return one !== undefined && other !== undefined && spanOf(one).to < spanOf(other).from
}

/** All sequences in which each occurs at most once. */
function sequences(ids: readonly number[]): readonly (readonly number[])[] {
  return [[], ...ids.flatMap((id) => sequences(ids.filter((other) => other !== id)).map((rest) => [id, ...rest]))]
}
