// Every single fault on the smallest workload, kinds that find most bugs first. Either none of them breaks an
// invariant, or one shows the smallest possible counterexample at no cost.
import type { Fault } from '../scenario/fault/registry.ts'
import { listed, singleFaults, type Allowed } from '../scenario/plan.ts'
import { withoutRepeats } from './repeats.ts'
import type { Execute, Executed } from './executor.ts'

/** What the single faults found so far. */
export interface Singles {
  readonly total: number
  readonly run: number
  /** The first that violates an invariant; no more are run then. */
  readonly violating?: Executed
  /** Those after which an invariant could not be judged. */
  readonly unclear: readonly Executed[]
}

/** Runs them all, and says after each what was found so far; at first, that nothing was. */
export async function* singles(execute: Execute, perfect: Executed, allowed: Allowed): AsyncGenerator<Singles, void> {
  const faults: readonly Fault[] = singleFaults(withoutRepeats(perfect.sites), allowed)
  const total = faults.length
  const unclear: Executed[] = []
  yield { total, run: 0, unclear }
  for (const [index, fault] of faults.entries()) {
    const executed = await execute({ ...perfect.scenario, plan: listed([fault]) })
    const run = index + 1
    if (executed.violations.length > 0) {
      yield { total, run, unclear, violating: executed }
      return
    }
    if (executed.verdicts.some(({ kind }) => kind === 'unknown')) unclear.push(executed)
    yield { total, run, unclear }
  }
}
