// What shrinking passes around: candidates, and what a run of one says. The only words that shrink/ shares with its
// caller. Must not know how a candidate is run or judged.
import type { Fault, FaultKind } from '../scenario/fault/registry.ts'
import type { ListedPlan } from '../scenario/plan.ts'
import type { Invocation, Scenario } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { VerdictKind } from '../verdict/verdict.ts'

/** A scenario whose faults are written out: the only kind that is shrunk. */
export type ListedScenario = Scenario & { readonly plan: ListedPlan }

/** What one run of a candidate says. */
export interface CandidateOutcome {
  /** Violated by the same checker, with the same class of subject. Another violation is no failure here. */
  readonly fails: boolean
  /** The same checker's verdict, whatever the class. */
  readonly verdict: VerdictKind
  /** The faults of the plan that fired, in that order. */
  readonly fired: readonly Fault[]
  /** The sites that the run met, in that order. */
  readonly sites: readonly Site[]
}

/** What shrinking needs to know of the system. */
export interface ShrinkOptions {
  /** Smaller inputs for an invocation, from the user's arbitrary, most aggressive first. */
  readonly inputs: (invocation: Invocation) => Iterable<unknown>
  /** The claim: which kinds may strike where. Faults that were not in the plan are tried only where it allows them. */
  readonly allows: (kind: FaultKind, site: Site) => boolean
}

/** A part of shrinking: yields candidates, receives what became of each. */
export type Shrinking<T> = Generator<ListedScenario, T, CandidateOutcome>
