// Polish: a way out of local minima. Dropping one part after another can end where something smaller still fails, which
// holds another fault, or operations at other times. Each step here tries one such replacement.
import { faultSpec, type Fault } from '../scenario/fault/registry.ts'
import { listed, noFaults, singleFaults, usualFaults } from '../scenario/plan.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import { renumber } from './rebase.ts'
import { gapInstead } from './gap-instead.ts'
import type { ShrinkSearch } from './shrink-search.ts'

/** How many pairs of one fault of the plan and one new fault are tried. */
const maxFaultPairs = 200

/** How many pairs of operations are tried. */
const maxOperationPairs = 40

/** Whether a replacement made the scenario smaller. */
export function* polish(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  return (
    (yield* gapInstead(search, options)) ||
    (yield* otherFaults(search, options)) ||
    (yield* overlapInstead(search, options)) ||
    (yield* oneOperation(search, options)) ||
    (yield* operationsAtOnce(search))
  )
}

/** Two or more faults: does one other fault suffice? Three or more: do one of them and one other fault suffice? */
function* otherFaults(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  if (search.faults.length < 2) return false
  // A single fault can only strike at a site of the fault-free run: elsewhere it would not fire.
  const faultFree = yield* search.probe(search.withFaults([]))
  if (faultFree.fails) return true
  for (const single of replacements(faultFree.sites, options)) {
    if (yield* search.attempt(search.withFaults([single]))) return true
  }
  return search.faults.length > 2 && (yield* otherPairs(search, options))
}

function* otherPairs(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  let tried = 0
  for (const kept of search.faults) {
    const single = yield* search.probe(search.withFaults([kept]))
    if (single.fails) return true
    for (const other of replacements(single.sites, options)) {
      if (yield* search.attempt(search.withFaults([kept, other]))) return true
      if (++tried === maxFaultPairs) return false
    }
  }
  return false
}

/**
 * All single faults without rarer values. Of kinds that do from the boot on what they do later, only those at a boot:
 * tries are few here.
 */
function replacements(sites: readonly Site[], { allowed }: ShrinkOptions): readonly Fault[] {
  return usualFaults(sites, (fault) =>
    fault.at.operation === 'boot' || faultSpec(fault.kind).bootSuffices !== true ? allowed(fault) : undefined,
  )
}

/**
 * One fault, several operations: did it only delay some until they overlapped? Then they fail without it if they all
 * start at once, as far as there are enough clients.
 */
function* overlapInstead(search: ShrinkSearch, { clients }: ShrinkOptions): Shrinking<boolean> {
  if (search.faults.length !== 1 || search.invocations.length < 2) return false
  const atOnce = search.invocations.map((invocation, index) => ({ ...invocation, client: index % clients, afterMs: 0 }))
  return yield* search.attempt(renumber({ ...search.withInvocations(atOnce), plan: noFaults }))
}

/**
 * One fault, several operations: does one operation alone fail, with a fault of the same kind? A fault that lasts may
 * have disturbed any leg since it began, so that faults of all kinds are tried in its place.
 */
function* oneOperation(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  const [fault] = search.faults
  if (fault === undefined || search.faults.length !== 1 || search.invocations.length < 2) return false
  const lasts = faultSpec(fault.kind).fields['forMs'] !== undefined
  for (const invocation of search.invocations) {
    const alone = { ...search.withInvocations([{ ...invocation, afterMs: 0 }]), plan: noFaults }
    const faultFree = yield* search.probe(alone)
    if (faultFree.fails) return true
    const singles = singleFaults(faultFree.sites, (other) =>
      lasts || other.kind === fault.kind ? options.allowed(other) : undefined,
    )
    for (const single of singles) {
      if (yield* search.attempt({ ...alone, plan: listed([single]) })) return true
    }
  }
  return false
}

/**
 * Three or more operations: did some only delay the others until they overlapped? Then fewer fail that start at once.
 */
function* operationsAtOnce(search: ShrinkSearch): Shrinking<boolean> {
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
