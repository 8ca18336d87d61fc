// Every single fault on the smallest workload, kinds that find most bugs first. Either none of them breaks an
// invariant, or one shows the smallest possible counterexample at no cost.
import type { Fault } from '../scenario/fault/registry.ts'
import { listed, singleFaults, type Allowed } from '../scenario/plan.ts'
import { withoutRepeats } from './repeats.ts'
import type { Deadline, Execute, Executed } from './executor.ts'

/** What the single faults found. */
export interface Singles {
  readonly total: number
  readonly run: number
  readonly violating: readonly Executed[]
  /** Those after which an invariant could not be judged. */
  readonly unclear: readonly Executed[]
}

/** Runs them all, unless time is up: then `run` is below `total`. */
export async function singles(
  execute: Execute,
  perfect: Executed,
  allowed: Allowed,
  deadline: Deadline,
): Promise<Singles> {
  const faults: readonly Fault[] = singleFaults(withoutRepeats(perfect.sites), allowed)
  const violating: Executed[] = []
  const unclear: Executed[] = []
  let run = 0
  for (const fault of faults) {
    if (deadline()) break
    const executed = await execute({ ...perfect.scenario, plan: listed([fault]) })
    run += 1
    if (executed.violations.length > 0) violating.push(executed)
    else if (executed.verdicts.some(({ kind }) => kind === 'unknown')) unclear.push(executed)
  }
  return { total: faults.length, run, violating, unclear }
}
