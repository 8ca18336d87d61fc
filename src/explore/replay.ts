// Replaying a saved scenario. Where some of its faults no longer fire, as after an edit of the code, plans are tried in
// which these stand at the sites nearest to their old ones. Must not know files.
import type { Fault } from '../scenario/fault/registry.ts'
import type { LateChange } from '../scenario/late-change.ts'
import { orderOf } from '../scenario/plan.ts'
import { reanchor, type Move } from '../scenario/reanchor.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Execute, Executed } from './executor.ts'

/** What became of a saved scenario. */
export interface Replayed {
  /** The run that violates an invariant; where none does, the run of the scenario as it was saved. */
  readonly executed: Executed
  /** The moves of faults in that run. */
  readonly moved: readonly Move[]
  /** The saved faults and late changes that did not fire, and could not be moved to sites where they fire. */
  readonly unfired: readonly (Fault | LateChange)[]
  /** Why an invariant could not be judged in the run of the scenario as it was saved. */
  readonly unclear?: string
}

export async function replay(scenario: Scenario, execute: Execute): Promise<Replayed> {
  const executed = await execute(scenario, { collect: true, patient: true })
  const unclear = executed.verdicts.find(({ kind }) => kind === 'unknown')?.reasons[0]?.text
  const asSaved = { executed, moved: [], unfired: [], ...(unclear === undefined ? {} : { unclear }) }
  const { plan } = scenario
  if (executed.violations.length > 0 || plan.kind !== 'listed') return asSaved
  const unfired = plan.faults.filter((fault) => !executed.fired.includes(fault))
  const inTurn = orderOf(plan).filter((late) => !executed.late.includes(late))
  if (unfired.length + inTurn.length === 0) return asSaved
  for (const candidate of reanchor(plan, unfired, executed.sites, inTurn, executed.orders)) {
    const again = await execute({ ...scenario, plan: candidate.plan }, { collect: true, patient: true })
    if (again.violations.length > 0) return { ...asSaved, executed: again, moved: candidate.moved }
  }
  return { ...asSaved, unfired: [...unfired, ...inTurn] }
}
