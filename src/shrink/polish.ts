// Polish: a way out of local minima. Dropping one part after another can end where something smaller still fails, which
// holds another fault, or operations at other times. Each step here tries one such replacement.
import { faultSpec, type Fault } from '../scenario/fault/registry.ts'
import { listed, noFaults, singleFaults, usualFaults } from '../scenario/plan.ts'
import type { Invocation } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import { renumber } from './rebase.ts'
import { carryOver } from './carry-over.ts'
import { gapInstead } from './gap-instead.ts'
import { inputsInstead } from './inputs-instead.ts'
import { lasts } from './lasts.ts'
import { oneClient } from './one-client.ts'
import { oneOperation } from './one-operation.ts'
import { rearranged } from './rearranged.ts'
import type { ShrinkSearch } from './shrink-search.ts'
import { twoByOne } from './two-by-one.ts'

/** How many pairs of one fault of the plan and one new fault are tried. */
const maxFaultPairs = 120

/** How many pairs of operations are tried. */
const maxOperationPairs = 40

/** How many pairs of operations are tried with other faults, and with how many. */
const [mostNamePairs, mostForPair] = [2, 80] as const

/** Whether a replacement made the scenario smaller. */
export function* polish(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  return (
    (yield* carryOver(search, options)) ||
    (yield* gapInstead(search, options)) ||
    (yield* twoByOne(search, options)) ||
    (yield* otherFaults(search, options)) ||
    (yield* oneOperation(search, options)) ||
    (yield* overlapInstead(search, options)) ||
    (yield* oneClient(search, options)) ||
    (yield* fewerOperations(search, options)) ||
    (yield* inputsInstead(search, options)) ||
    (yield* operationsAtOnce(search)) ||
    (yield* rearranged(search))
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
 * All single faults without rarer values. Of kinds that do from the boot on what they do later, only those at a boot,
 * and none that are a way of another kind, as a deploy is one of a crash: tries are few here.
 */
function replacements(sites: readonly Site[], { allowed }: ShrinkOptions): readonly Fault[] {
  return usualFaults(sites, (fault) => {
    const { bootSuffices, leftOutWith } = faultSpec(fault.kind)
    if (leftOutWith !== undefined) return undefined
    return fault.at.operation === 'boot' || bootSuffices !== true ? allowed(fault) : undefined
  })
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
 * One fault, several operations: does one operation alone fail, or do two of them, with a fault of the same kind? A
 * fault that lasts may have disturbed any leg since it began, so that faults of all kinds are tried in its place.
 */
function* fewerOperations(search: ShrinkSearch, options: ShrinkOptions): Shrinking<boolean> {
  const [fault] = search.faults
  if (fault === undefined || search.faults.length !== 1 || search.invocations.length < 2) return false
  for (const kept of subsetsOf(search.invocations)) {
    const few = {
      ...search.withInvocations(kept.map((invocation) => ({ ...invocation, afterMs: 0 }))),
      plan: noFaults,
    }
    const faultFree = yield* search.probe(few)
    if (faultFree.fails) return true
    const singles = singleFaults(faultFree.sites, (other) =>
      lasts(fault) || other.kind === fault.kind ? options.allowed(other) : undefined,
    )
    for (const single of kept.length === 1 ? singles : singles.slice(0, mostForPair)) {
      if (yield* search.attempt({ ...few, plan: listed([single]) })) return true
    }
  }
  return false
}

/** Each operation alone; and where there are three or more, a few pairs of different names. */
function subsetsOf(invocations: readonly Invocation[]): readonly (readonly Invocation[])[] {
  const alone = invocations.map((invocation) => [invocation])
  if (invocations.length < 3) return alone
  const pairs = new Map(pairsOf(invocations).map((pair) => [pair.map(({ operation }) => operation).join(' '), pair]))
  return [...alone, ...[...pairs.values()].slice(0, mostNamePairs)]
}

function pairsOf(invocations: readonly Invocation[]): readonly (readonly Invocation[])[] {
  return invocations.flatMap((first, index) => invocations.slice(index + 1).map((second) => [first, second]))
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
  for (const pair of pairsOf(atOnce).slice(0, maxOperationPairs)) {
    if (yield* search.attemptAnchored(search.withInvocations(pair))) return true
  }
  return false
}
