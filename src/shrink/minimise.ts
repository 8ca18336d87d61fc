// Drives the minimiser: runs its candidates, none of them twice, until it is done or out of time. Must not know what
// the passes are, nor how a candidate is run.
import type { ListedScenario, CandidateOutcome, ShrinkOptions } from './candidate.ts'
import { isAllowed } from '../scenario/plan.ts'
import { Memo, type RunCandidate } from './memo.ts'
import { shrink } from './shrink.ts'

export interface MinimiseOptions extends ShrinkOptions {
  /** Runs a candidate and judges it. */
  readonly run: RunCandidate
  /** Whether time is up; asked before every run. */
  readonly deadline: () => boolean
  /** The most candidates to run. */
  readonly maxExecutions: number
  /**
   * The outcomes that are known already. New ones are added, for {@link necessity} and {@link neighbour}.
   *
   * @default a new one over `run`
   */
  readonly memo?: Memo
}

export interface Minimised {
  /** The smallest scenario that failed. */
  readonly scenario: ListedScenario
  /** What came of running it. */
  readonly outcome: CandidateOutcome
  /** How many candidates were run; remembered ones don't count. */
  readonly executions: number
  /** Why it stopped before it was done, in words. */
  readonly unfinished?: string
}

/**
 * The smallest scenario that still fails.
 *
 * @param outcome what came of running `start`; it fails
 * @throws what `run` throws
 */
export async function minimise(
  start: ListedScenario,
  outcome: CandidateOutcome,
  options: MinimiseOptions,
): Promise<Minimised> {
  const memo = options.memo ?? new Memo(options.run)
  memo.remember(start, outcome)
  const before = memo.executions
  const candidates = shrink(start, outcome, options)
  let best = { scenario: start, outcome }
  const keepsToClaim = isAllowed(start.plan, options.allowed) // a saved one may be from before the claim
  for (let next = candidates.next(); next.done !== true;) {
    const candidate = next.value
    const executions = memo.executions - before
    if (keepsToClaim && !isAllowed(candidate.plan, options.allowed)) {
      next = candidates.next(outsideClaim)
      continue
    }
    const unfinished = memo.knows(candidate) ? undefined : limitReached(executions, options)
    if (unfinished !== undefined) return { ...best, executions, unfinished }
    const found = await memo.run(candidate)
    if (found.fails) best = { scenario: candidate, outcome: found } // only smaller ones are yielded
    next = candidates.next(found)
  }
  return { ...best, executions: memo.executions - before }
}

/** A candidate with a fault that `tolerates` does not allow is not run. */
const outsideClaim: CandidateOutcome = { fails: false, verdict: 'vacuous', fired: [], sites: [] }

function limitReached(executions: number, { maxExecutions, deadline }: MinimiseOptions): string | undefined {
  const hence = 'this is the smallest failure so far, a smaller one may exist'
  if (executions >= maxExecutions) return `shrinking stopped at its limit of ${maxExecutions} executions: ${hence}`
  return deadline() ? `shrinking ran out of time after ${executions} executions: ${hence}` : undefined
}
