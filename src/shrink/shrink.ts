// The minimiser: yields candidates, receives what became of each, returns the smallest that fails. Workload and plan
// are one ordered algorithm. Must not know how candidates are run, or how many may be.
import type { ListedScenario, CandidateOutcome, ShrinkOptions, Shrinking } from './candidate.ts'
import { shrinkFaults } from './faults.ts'
import { shrinkFields } from './fields.ts'
import { polish } from './polish.ts'
import { ShrinkSearch } from './shrink-search.ts'
import { compareSize } from './size.ts'
import { shrinkWorkload } from './workload-candidates.ts'

export type { ListedScenario, CandidateOutcome, ShrinkOptions } from './candidate.ts'

/**
 * Shrinks a failing scenario. Candidates may come twice; `minimise` remembers.
 *
 * @param outcome what the run of `start` said; it fails
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

/**
 * All passes, coarse to fine, until none helps. Fields come last: a smaller workload makes them cheaper, never the
 * reverse.
 */
function* toFixpoint(search: ShrinkSearch, options: ShrinkOptions): Shrinking<void> {
  let before: ListedScenario
  do {
    before = search.best
    yield* shrinkFaults(search)
    yield* shrinkWorkload(search, options)
    if (compareSize(search.best, before) === 0) yield* shrinkFields(search)
  } while (compareSize(search.best, before) < 0)
}
