// Parts of a history take turns: whether one of them needs more memory is no reason to stop while another can go on.
import { expect, test } from 'vitest'
import { decide } from '../../src/check/linearizable/decide.ts'
import type { Progress, PlacementSearch } from '../../src/check/linearizable/search-order.ts'

/** A search that comes out like this, turn by turn. */
function search(...turns: readonly Progress[]): PlacementSearch {
  let turn = 0
  // Decide asks nothing else of it
  return { run: () => turns[turn++] ?? turns.at(-1), release: () => undefined } as unknown as PlacementSearch
}

const budget = (): { steps: number; bytes: number } => ({ steps: 1_000_000, bytes: 1_000_000 })

test('goes on while any part can, whichever is full', () => {
  expect(decide([search('exhausted', 'exhausted', 'not-linearizable'), search('full')], budget()).kind).toBe(
    'not-linearizable',
  )
  expect(decide([search('full'), search('exhausted', 'exhausted', 'not-linearizable')], budget()).kind).toBe(
    'not-linearizable',
  )
})

test('is spent once all that is left is full', () => {
  expect(decide([search('full'), search('linearizable')], budget())).toMatchObject({
    kind: 'exhausted',
    budget: 'bytes',
    undecided: 1,
  })
})
