// Polish: a way out of local minima. With two or more faults left, whether one other would have done, or two where
// there are three; with one left, whether operations that meet do without it, or one operation alone would have done;
// with three or more operations, whether two would have done that start at once. Single faults are all tried, pairs up
// to a bound.
import { faultSpec, type Fault } from '../scenario/fault/registry.ts'
import { listed, noFaults, singleFaults } from '../scenario/plan.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import { renumber } from './rebase.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** How many pairs of a fault that is kept and one that is free are tried. */
const maxPairs = 200

/** How many pairs of operations are tried. */
const maxOperationPairs = 40

/** Whether something smaller fails that dropping part after part does not lead to. */
export function* polish(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  return (
    (yield* fewerFaults(search, options)) ||
    (yield* meeting(search)) ||
    (yield* alone(search, options)) ||
    (yield* fewerOperations(search))
  )
}

/** A fault may only have delayed operations until they met: here they meet by themselves. */
function* meeting(search: ShrinkSearch): Shrinking<boolean> {
  if (search.faults.length !== 1 || search.invocations.length < 2) return false
  const atOnce = search.invocations.map((invocation, client) => ({ ...invocation, client, afterMs: 0 }))
  return yield* search.attempt(renumber({ ...search.withInvocations(atOnce), plan: noFaults }))
}

/**
 * The fault may sit on one operation and show at another: whether one alone shows it, under a fault of the same kind;
 * under any in place of one that lasts, for that may have struck any leg since.
 */
function* alone(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  const [fault] = search.faults
  if (fault === undefined || search.faults.length !== 1 || search.invocations.length < 2) return false
  const lasts = faultSpec(fault.kind).fields['forMs'] !== undefined
  for (const invocation of search.invocations) {
    const only = { ...search.withInvocations([{ ...invocation, afterMs: 0 }]), plan: noFaults }
    const calm = yield* search.probe(only)
    if (calm.fails) return true
    for (const single of singleFaults(
      calm.sites,
      (kind, site) => (lasts || kind === fault.kind) && options.allows(kind, site),
    )) {
      if (yield* search.attempt({ ...only, plan: listed([single]) })) return true
    }
  }
  return false
}

function* fewerFaults(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  if (search.faults.length < 2) return false
  // A first fault can only strike where the fault-free run comes by; anywhere else it would be the fault-free run
  // again.
  const calm = yield* search.probe(search.withFaults([]))
  if (calm.fails) return true
  for (const single of telling(calm.sites, options)) {
    if (yield* search.attempt(search.withFaults([single]))) return true
  }
  return search.faults.length > 2 && (yield* pairs(search, options))
}

/**
 * Of what lasts from a boot on only that: what it shows when it begins later, the exploration of single faults has asked
 * already.
 */
function telling(sites: readonly Site[], { allows }: ShrinkOptions): Iterable<Fault> {
  return singleFaults(
    sites,
    (kind, site) => (site.kind === 'boot' || faultSpec(kind).bootSuffices !== true) && allows(kind, site),
  )
}

function* pairs(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  let tried = 0
  for (const kept of search.faults) {
    const alone = yield* search.probe(search.withFaults([kept]))
    if (alone.fails) return true
    for (const free of telling(alone.sites, options)) {
      if (yield* search.attempt(search.withFaults([kept, free]))) return true
      if (++tried === maxPairs) return false
    }
  }
  return false
}

/** Operations before them may only have delayed the ones that matter until they met. */
function* fewerOperations(search: ShrinkSearch): Shrinking<boolean> {
  const atOnce: readonly Invocation[] = search.invocations.map((invocation) => ({ ...invocation, afterMs: 0 }))
  if (atOnce.length < 3) return false
  for (const dropped of atOnce) {
    if (yield* search.attemptAnchored(search.withInvocations(atOnce.filter((invocation) => invocation !== dropped))))
      return true
  }
  const pairs = atOnce.flatMap((first, index) => atOnce.slice(index + 1).map((second) => [first, second]))
  for (const pair of pairs.slice(0, maxOperationPairs)) {
    if (yield* search.attemptAnchored(search.withInvocations(pair))) return true
  }
  return false
}
