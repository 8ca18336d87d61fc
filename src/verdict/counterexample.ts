// The counterexample: the shrunk scenario with its history and verdict, and what was learnt about it. Plain data.
import type { Fault } from '../scenario/fault/registry.ts'
import type { History } from '../history/history.ts'
import type { LateChange } from '../scenario/late-change.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Reason } from './reason.ts'
import type { VerdictKind } from './verdict.ts'

/** What was violated, and why. Shrinking keeps the invariant's name and the kind of failure. */
export interface Violation {
  readonly invariant: string
  readonly reason: Reason
}

/** One remaining fault, and what the system does without it. */
export interface Necessity {
  readonly fault: Fault
  /** The verdict of the same scenario without this fault. */
  readonly without: VerdictKind
}

/** One remaining late change, and what the system does if the change is not late. */
export interface OrderNecessity {
  readonly late: LateChange
  /** The verdict of the same scenario without it. */
  readonly without: VerdictKind
}

/** A scenario close to the counterexample that passes. */
export interface Neighbour {
  /** What is different, in words: `delay that reply by 4,800 ms instead`. */
  readonly change: string
}

/** A failure, shrunk. */
export interface Counterexample {
  readonly scenario: Scenario
  readonly history: History
  readonly violation: Violation
  readonly necessity: readonly Necessity[]
  /** The late changes that the failure needs. @default none */
  readonly order?: readonly OrderNecessity[]
  readonly nearest?: Neighbour
  /** How many histories shrinking executed. */
  readonly executions: number
  /** Why shrinking stopped before it was done. */
  readonly unfinished?: string
}
