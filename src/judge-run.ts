// A run and what each invariant says of it. Ties checking to the simulation.
import { check } from './check/check.ts'
import type { Executed, ViolatedInvariant } from './explore/executor.ts'
import type { Scenario } from './scenario/scenario.ts'
import type { Run } from './simulate/run.ts'
import type { System } from './system/system.ts'

export function judgeRun(
  scenario: Scenario,
  { history, sites, fired, late, orders, circled }: Run,
  { invariants }: System,
): Omit<Executed, 'patient'> {
  const verdicts = check(history, invariants)
  const violations = invariants.flatMap((invariant, index): ViolatedInvariant[] => {
    const verdict = verdicts[index]
    const reason = verdict?.kind === 'violated' ? verdict.reasons[0] : undefined
    return reason === undefined ? [] : [{ invariant, reason }]
  })
  return { scenario, history, sites, fired, late, orders, verdicts, violations, circled }
}
