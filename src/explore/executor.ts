// What every strategy of exploration is given: a way to run a scenario and have it judged. Knows neither the kernel nor
// the checkers.
import type { Fault, FaultKind } from '../scenario/fault/registry.ts'
import type { History } from '../history/history.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { Reason } from '../verdict/reason.ts'
import type { Invariant, Verdict } from '../verdict/verdict.ts'

/** One executed scenario, judged. */
export interface Executed {
  readonly scenario: Scenario
  readonly history: History
  readonly sites: readonly Site[]
  readonly fired: readonly Fault[]
  /** In the order of the invariants. */
  readonly verdicts: readonly Verdict[]
  readonly violations: readonly Violated[]
  /** A phase of it ended although something still went round in circles. */
  readonly circled: boolean
  /** It was run with patience: its loops went round a hundred times, and recovery took longer. */
  readonly patient: boolean
}

/** An invariant that one history violates. */
export interface Violated {
  readonly invariant: Invariant
  readonly reason: Reason
}

/** Runs and judges. `collect`: list the sites met. `patient` decides how loops end: the same scenario needs the same. */
export type Execute = (
  scenario: Scenario,
  options?: { readonly collect?: boolean; readonly annotate?: boolean; readonly patient?: boolean },
) => Promise<Executed>

/** Tells whether real time is up. */
export type Deadline = () => boolean

/** Whether a kind may strike at a site. */
export type Allowed = (kind: FaultKind, site: Site) => boolean
