// Searches all parts of a history in turn. In each round the slices are twice as long, so that one part whose search
// explodes does not hide another that fails at once. Knows searches; must not know verdicts.
import type { RemainingBudget, PlacementSearch } from './search-order.ts'

/**
 * The result for all parts. `not-linearizable`: this part has no order. `exhausted`: this budget ran out before this
 * part was decided.
 */
export type Decision =
  | { readonly kind: 'linearizable' }
  | { readonly kind: 'not-linearizable'; readonly search: PlacementSearch }
  | {
      readonly kind: 'exhausted'
      readonly budget: 'steps' | 'bytes'
      readonly search: PlacementSearch
      readonly undecided: number
    }

const firstSlice = 1_024

export function decide(searches: readonly PlacementSearch[], left: RemainingBudget): Decision {
  let open = searches
  for (let slice = firstSlice; open.length > 0; slice *= 2) {
    const unfinished: PlacementSearch[] = []
    let isFull = true
    for (const search of open) {
      const progress = search.run(slice, left)
      if (progress === 'not-linearizable') return { kind: 'not-linearizable', search }
      if (progress === 'linearizable') search.release(left)
      else unfinished.push(search)
      isFull &&= progress === 'full'
    }
    const [first] = unfinished
    if (first !== undefined && (isFull || left.steps <= 0))
      return { kind: 'exhausted', budget: isFull ? 'bytes' : 'steps', search: first, undecided: unfinished.length }
    open = unfinished
  }
  return { kind: 'linearizable' }
}
