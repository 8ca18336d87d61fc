// The pass that shrinks late changes: fewer of them, and each after all reads of other processes if that still fails.
import type { Shrinking } from './candidate.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** Drops every late change that the failure does not need, and simplifies the rest. */
export function* shrinkOrder(search: ShrinkSearch): Shrinking<void> {
  if (search.order.length === 0 || (yield* search.attempt(search.withOrder([])))) return
  for (const late of search.order.toReversed())
    yield* search.attemptAnchored(search.withOrder(search.order.filter((other) => other !== late)))
  for (const late of search.order)
    if (late.reads !== undefined)
      yield* search.attempt(search.withOrder(search.order.map((other) => (other === late ? { at: late.at } : other))))
}
