// The pass over the plan: fewer faults. Drops all of them, else all after a prefix, else one by one; then joins two
// into one.
import { faultSpec } from '../scenario/fault/registry.ts'
import type { ListedScenario, Shrinking } from './candidate.ts'
import { bisectAndPin } from './bisect.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** Drops every fault that the failure does not need. */
export function* shrinkFaults(search: ShrinkSearch): Shrinking<void> {
  if (yield* search.attempt(search.withFaults([]))) return
  yield* search.settle()
  yield* bisectAndPin(
    () => search.faults.length,
    (kept) => search.attemptAnchored(search.withFaults(search.faults.filter((_, index) => kept(index)))),
  )
  for (let index = search.faults.length - 1; index >= 0; index--) {
    yield* search.attemptAnchored(withoutFault(search, index))
  }
  yield* addUp(search)
}

/**
 * Two faults that suffice only together, such as two delays that pass one limit: one is dropped, the other does both.
 */
function* addUp(search: ShrinkSearch): Shrinking<void> {
  const pairs = search.faults.flatMap((dropped) => search.faults.map((kept) => ({ dropped, kept })))
  for (const { dropped, kept } of pairs) {
    if (dropped === kept || dropped.kind !== kept.kind) continue
    const joined = faultSpec(kept.kind).joined?.(kept, dropped)
    if (joined === undefined) continue
    const faults = search.faults.filter((fault) => fault !== dropped).map((fault) => (fault === kept ? joined : fault))
    if (yield* search.attemptAnchored(search.withFaults(faults))) return
  }
}

function withoutFault(search: ShrinkSearch, dropped: number): ListedScenario {
  return search.withFaults(search.faults.filter((_, index) => index !== dropped))
}
