// The data of shrinking: candidates and their outcomes. Everything that shrink/ shares with its caller. Must not know
// how a candidate is run or judged.
import type { Fault } from '../scenario/fault/registry.ts'
import type { Allowed, ListedPlan } from '../scenario/plan.ts'
import type { Invocation, Scenario } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { VerdictKind } from '../verdict/verdict.ts'

/** A scenario whose faults are written out: the only kind that is shrunk. */
export type ListedScenario = Scenario & { readonly plan: ListedPlan }

/** The outcome of running a candidate. */
export interface CandidateOutcome {
  /** The same checker is violated by the same failure. Another violation does not count. */
  readonly fails: boolean
  /** The same checker's verdict, whatever the failure. */
  readonly verdict: VerdictKind
  /** The faults of the plan that fired, in the order of firing. */
  readonly fired: readonly Fault[]
  /** The sites that the run reached, in order. */
  readonly sites: readonly Site[]
  /** When each operation began, by the id of its invocation, in milliseconds of virtual time. @default not known */
  readonly begunMs?: ReadonlyMap<number, number>
}

/** What shrinking needs to know of the system. */
export interface ShrinkOptions {
  /** Smaller inputs for an invocation, from the user's arbitrary, most aggressive first. */
  readonly inputs: (invocation: Invocation) => Iterable<unknown>
  /** Limits the faults that shrinking tries, unless it begins with others. */
  readonly allowed: Allowed
  /** How many clients the system has at most. No pass gives operations to more of them. */
  readonly clients: number
  /** Inputs for one more operation like this; none where the system has no room for it. @default none */
  readonly others?: (invocation: Invocation) => readonly unknown[]
}

/** A part of shrinking: yields candidates, and receives the outcome of each. */
export type Shrinking<T> = Generator<ListedScenario, T, CandidateOutcome>

/** Runs a candidate; undefined where none may be run any more. */
export type AskCandidate = (candidate: ListedScenario) => Promise<CandidateOutcome | undefined>
