// The pass over inputs: smaller values, from the user's own arbitraries. Values that were different stay different, and
// values that were equal stay equal: two orders that become one order would show another bug.
import type { Workload } from '../scenario/scenario.ts'
import type { ShrinkOptions, Shrinking } from './candidate.ts'
import { keepsApart } from './keeps-apart.ts'
import type { ShrinkSearch } from './shrink-search.ts'
import { compareInputs } from './compare-size.ts'
import { substituted } from './substitute.ts'

/** How many smaller inputs a dive takes, one after the other, without running any. */
const maxDive = 64
/** How many smaller inputs of one input are considered. */
const maxLookedAt = 64
/** How many smaller inputs of one invocation may run without failing. */
const maxInVain = 16

/** Shrinks inputs: all of them as far as they go at once, else invocation by invocation, else step by step. */
export function* shrinkInputs(search: ShrinkSearch, options: ShrinkOptions): Shrinking<void> {
  const all = search.invocations.reduce(
    (workload, _, index) => dive(search, workload, index, options),
    search.best.workload,
  )
  if (yield* search.attemptAnchored(search.withInvocations(all.invocations))) return
  for (const index of search.invocations.keys()) {
    const { invocations } = dive(search, search.best.workload, index, options)
    if (!(yield* search.attemptAnchored(search.withInvocations(invocations)))) yield* stepByStep(search, index, options)
  }
}

/** Follows the first smaller input that the arbitrary offers, and its first, and so on: nothing is run on the way. */
function dive(search: ShrinkSearch, start: Workload, index: number, options: ShrinkOptions): Workload {
  let workload = start
  for (let depth = 0; depth < maxDive; depth++) {
    const next = smallerInputs(search, workload, index, options).next()
    if (next.done === true) return workload
    workload = next.value
  }
  return workload
}

function* stepByStep(search: ShrinkSearch, index: number, options: ShrinkOptions): Shrinking<void> {
  let inVain = 0
  for (let progress = true; progress && inVain < maxInVain;) {
    progress = false
    for (const { invocations } of smallerInputs(search, search.best.workload, index, options)) {
      progress = yield* search.attemptAnchored(search.withInvocations(invocations))
      if (progress || ++inVain === maxInVain) break
    }
  }
}

function* smallerInputs(
  search: ShrinkSearch,
  workload: Workload,
  index: number,
  options: ShrinkOptions,
): Generator<Workload, undefined> {
  const invocation = workload.invocations[index]
  if (invocation === undefined) return undefined
  let lookedAt = 0
  for (const input of options.inputs(invocation)) {
    if (++lookedAt > maxLookedAt) return undefined
    const smaller = { invocations: substituted(workload.invocations, index, input) }
    if (
      compareInputs(smaller, workload) < 0 &&
      keepsApart(workload, smaller) &&
      keepsApart(search.best.workload, smaller)
    )
      yield smaller
  }
  return undefined
}
