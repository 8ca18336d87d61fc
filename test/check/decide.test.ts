// The parts of a history take turns: if one of them needs more memory than is left, the others still go on.
import { expect, test } from 'vitest'
import { decide } from '../../src/check/linearizable/decide.ts'
import type { Progress, PlacementSearch } from '../../src/check/linearizable/search-order.ts'

/** A search with these results, one for each turn. */
function search(...turns: readonly Progress[]): PlacementSearch {
  let turn = 0
  // The cast holds: decide uses nothing else of a search
  return { run: () => turns[turn++] ?? turns.at(-1), release: () => undefined } as unknown as PlacementSearch
}

const budget = (): { steps: number; bytes: number } => ({ steps: 1_000_000, bytes: 1_000_000 })

test('goes on while any part can, even if another is out of memory', () => {
  expect(decide([search('exhausted', 'exhausted', 'not-linearizable'), search('full')], budget()).kind).toBe(
    'not-linearizable',
  )
  expect(decide([search('full'), search('exhausted', 'exhausted', 'not-linearizable')], budget()).kind).toBe(
    'not-linearizable',
  )
})

test('is exhausted once every remaining part is out of memory', () => {
  expect(decide([search('full'), search('linearizable')], budget())).toMatchObject({
    kind: 'exhausted',
    budget: 'bytes',
    undecided: 1,
  })
})
