// Polish: a way out of local minima. With two or more faults left, whether one other would have done, or two where there are three;
// with three or more operations, whether two would have done that start at once. Single faults are all tried, pairs up to a bound.
import { singleFaults } from '../plan.ts'
import type { Invocation } from '../scenario.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import type { Search } from './search.ts'

/** How many pairs of a fault that is kept and one that is free are tried. */
const maxPairs = 200

/** How many pairs of operations are tried. */
const maxOperationPairs = 40

/** Whether something smaller fails that dropping part after part does not lead to. */
export function* polish(search: Search, options: ShrinkOptions): Shrinking<boolean> {
  return (yield* fewerFaults(search, options)) || (yield* fewerOperations(search))
}

function* fewerFaults(search: Search, options: ShrinkOptions): Shrinking<boolean> {
  if (search.faults.length < 2) return false
  // A first fault can only strike where the fault-free run comes by; anywhere else it would be the fault-free run again.
  const calm = yield* search.probe(search.withFaults([]))
  if (calm.fails) return true
  for (const single of singleFaults(calm.sites, options.allows)) {
    if (yield* search.attempt(search.withFaults([single]))) return true
  }
  return search.faults.length > 2 && (yield* pairs(search, options))
}

function* pairs(search: Search, options: ShrinkOptions): Shrinking<boolean> {
  let tried = 0
  for (const kept of search.faults) {
    const alone = yield* search.probe(search.withFaults([kept]))
    if (alone.fails) return true
    for (const free of singleFaults(alone.sites, options.allows)) {
      if (yield* search.attempt(search.withFaults([kept, free]))) return true
      if (++tried === maxPairs) return false
    }
  }
  return false
}

/** Operations before them may only have delayed the ones that matter until they met. */
function* fewerOperations(search: Search): Shrinking<boolean> {
  const atOnce: readonly Invocation[] = search.invocations.map((invocation) => ({ ...invocation, afterMs: 0 }))
  if (atOnce.length < 3) return false
  for (const dropped of atOnce) {
    if (yield* search.attemptAnchored(search.withInvocations(atOnce.filter((invocation) => invocation !== dropped)))) return true
  }
  const pairs = atOnce.flatMap((first, index) => atOnce.slice(index + 1).map((second) => [first, second]))
  for (const pair of pairs.slice(0, maxOperationPairs)) {
    if (yield* search.attemptAnchored(search.withInvocations(pair))) return true
  }
  return false
}
