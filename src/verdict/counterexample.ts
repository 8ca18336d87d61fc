// The counterexample: the shrunk scenario with its history and verdict, and what was learnt about it. Plain data.
import type { Fault } from '../scenario/fault/registry.ts'
import type { History } from '../history/history.ts'
import type { NamedLength } from '../scenario/lengths.ts'
import type { LateChange } from '../scenario/late-change.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { FailureClass, Reason } from './reason.ts'
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

/**
 * One value that is left, and whether it has to be what it is: other values were tried in its place, and all else was
 * kept (the "explain" phase of Hypothesis).
 */
export interface Mark {
  readonly of: MarkedValue
  /**
   * `any`: it failed with every other value that was tried. `from`: it failed with larger numbers, and not with the
   * next smaller one. `must`: it did not fail with each other value.
   */
  readonly freedom: 'any' | 'from' | 'must'
  /** A number further from the smallest one with which it does not fail. @default none was seen */
  readonly passesAt?: number
  /** A smaller number with which it fails again, though not with those in between: perhaps for another reason. */
  readonly failsAt?: number
  /** The number with which it was found, where that takes another course: perhaps another bug. */
  readonly foundAt?: number
  /** A length of time that somebody wrote or armed, which this number is close to. @default none is known */
  readonly near?: NamedLength
}

/** What a mark is about. */
export type MarkedValue =
  | { readonly kind: 'field'; readonly fault: Fault; readonly name: string }
  /** How long a client waits before an operation. */
  | { readonly kind: 'wait'; readonly invocation: number }
  /** A value in the inputs, wherever it stands under this name. */
  | { readonly kind: 'input'; readonly field: string; readonly value: unknown }
  /** How many reads of other processes come before a late change. */
  | { readonly kind: 'reads'; readonly late: LateChange }
  /** That one client carries out all operations. */
  | { readonly kind: 'client' }

/** Another violation that shrinking met and did not follow. */
export interface OtherViolation {
  readonly invariant: string
  readonly failure: FailureClass
  /** In how many of the executed histories. */
  readonly histories: number
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
  /** Which of its values have to be what they are, as far as that was tried. @default nothing was tried */
  readonly marks?: readonly Mark[]
  /** Other violations that shrinking met. @default none */
  readonly others?: readonly OtherViolation[]
  /** How many histories shrinking executed. */
  readonly executions: number
  /** Why shrinking stopped before it was done. */
  readonly unfinished?: string
}
