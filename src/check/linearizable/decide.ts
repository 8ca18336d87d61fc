// Deciding: the parts of a history take turns, each time with twice the steps, so that one that explodes does not hide
// another that fails at once. Knows searches; must not know verdicts.
import type { Purse, Search } from './search-order.ts'

/** How the parts came out. `stuck`: this one has no order. `spent`: this budget ran out before this one was decided. */
export type Decision =
  | { readonly kind: 'placed' }
  | { readonly kind: 'stuck'; readonly search: Search }
  | { readonly kind: 'spent'; readonly budget: 'steps' | 'bytes'; readonly search: Search; readonly undecided: number }

const firstSlice = 1_024

export function decide(searches: readonly Search[], purse: Purse): Decision {
  let open = searches
  for (let slice = firstSlice; open.length > 0; slice *= 2) {
    const spent: Search[] = []
    let isFull = true
    for (const search of open) {
      const progress = search.run(slice, purse)
      if (progress === 'stuck') return { kind: 'stuck', search }
      if (progress === 'placed') search.release(purse)
      else spent.push(search)
      isFull &&= progress === 'full'
    }
    const [first] = spent
    if (first !== undefined && (isFull || purse.steps <= 0))
      return { kind: 'spent', budget: isFull ? 'bytes' : 'steps', search: first, undecided: spent.length }
    open = spent
  }
  return { kind: 'placed' }
}
