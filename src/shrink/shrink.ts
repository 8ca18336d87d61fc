// The minimiser: yields candidates, receives the outcome of each, returns the smallest that fails. Workload and plan
// are shrunk by one algorithm with ordered passes. Must not know how candidates are run, or how many may be.
import type { ListedScenario, CandidateOutcome, ShrinkOptions, Shrinking } from './candidate.ts'
import { shrinkOrder } from './shrink-order.ts'
import { shrinkFaults } from './shrink-faults.ts'
import { shrinkFields } from './shrink-fields.ts'
import { polish } from './polish.ts'
import { ShrinkSearch } from './shrink-search.ts'
import { compareSize } from './compare-size.ts'
import { shrinkWorkload } from './shrink-workload.ts'

/**
 * Shrinks a failing scenario. May yield a candidate twice: `minimise` remembers outcomes.
 *
 * @param outcome what came of running `start`; it fails
 * @returns the smallest scenario that failed, by `compareSize`
 */
export function* shrink(
  start: ListedScenario,
  outcome: CandidateOutcome,
  options: ShrinkOptions,
): Generator<ListedScenario, ListedScenario, CandidateOutcome> {
  const search = new ShrinkSearch(start, outcome)
  do yield* toFixpoint(search, options)
  while (yield* polish(search, options))
  return search.best
}

/** Repeats all passes until none helps. Fields come last: they are cheaper on a smaller workload, never the reverse. */
function* toFixpoint(search: ShrinkSearch, options: ShrinkOptions): Shrinking<void> {
  let before: ListedScenario
  do {
    before = search.best
    yield* shrinkFaults(search)
    yield* shrinkOrder(search)
    yield* shrinkWorkload(search, options)
    if (compareSize(search.best, before) === 0) yield* shrinkFields(search)
  } while (compareSize(search.best, before) < 0)
}
