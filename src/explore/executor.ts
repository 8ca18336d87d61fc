// What every strategy of exploration is given: a way to run a scenario and have it judged. Knows neither the kernel nor
// the checkers.
import type { Fault } from '../scenario/fault/registry.ts'
import type { History } from '../history/history.ts'
import type { NamedLength } from '../scenario/lengths.ts'
import type { LateChange } from '../scenario/late-change.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { Reason } from '../verdict/reason.ts'
import type { Invariant, Verdict } from '../verdict/verdict.ts'

/** One executed scenario, judged. */
export interface Executed {
  readonly scenario: Scenario
  readonly history: History
  /** The sites that the run met, in order, where they were asked for. */
  readonly sites: readonly Site[]
  /** The faults that fired, in order. */
  readonly fired: readonly Fault[]
  /** The late changes of the plan that took effect: another process read before them. */
  readonly late: readonly LateChange[]
  /** Changes that other processes could have read before, where sites were asked for. */
  readonly orders: readonly LateChange[]
  /** In the order of the invariants. */
  readonly verdicts: readonly Verdict[]
  /** In the order of the invariants, one for each way in which one is violated. */
  readonly violations: readonly ViolatedInvariant[]
  /** Lengths of time that showed, where sites were asked for. */
  readonly lengths: readonly NamedLength[]
  /** How many steps it took. */
  readonly steps: number
  /** A phase of it ended although something still went round in circles. */
  readonly circled: boolean
  /** It was run with patience: its loops went round a hundred times, and recovery took longer. */
  readonly patient: boolean
}

/** An invariant that one history violates, with the first reason of one way in which it is violated. */
export interface ViolatedInvariant {
  readonly invariant: Invariant
  readonly reason: Reason
}

/** What a run records besides its history. */
export interface ExecuteOptions {
  /** List the sites that the run meets. @default false */
  readonly collect?: boolean
  /** Read `rows` after every commit, so that each gets a time and a cause. @default false */
  readonly annotate?: boolean
  /** Compare the rows at the start of the operations with those of the first history. @default false */
  readonly compare?: boolean
  /** Let loops go round a hundred times before they count as such. An equal run needs the same. @default false */
  readonly patient?: boolean
}

/** Runs a scenario and judges its history. */
export type Execute = (scenario: Scenario, options?: ExecuteOptions) => Promise<Executed>

/** Whether real time is up. */
export type Deadline = () => boolean
