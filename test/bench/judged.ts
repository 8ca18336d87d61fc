// Runs a scenario and judges it, as property.ts does: the fault kinds that fired, and which invariants are violated in
// which way.
import { check } from '../../src/check/check.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import type { CandidateOutcome } from '../../src/shrink/candidate.ts'
import type { Simulation } from '../../src/simulation.ts'
import type { Site } from '../../src/scenario/site.ts'
import { isSameFailure, type FailureClass } from '../../src/verdict/reason.ts'
import type { Verdict } from '../../src/verdict/verdict.ts'

/** What is to be shrunk: an invariant, and the class of failure. */
export interface Violation extends FailureClass {
  /** Its place in the system. */
  readonly index: number
}

/** One run, judged. */
export interface Judged {
  readonly verdicts: readonly Verdict[]
  readonly violations: readonly Violation[]
  readonly fired: readonly Fault[]
  readonly sites: readonly Site[]
}

export async function judged(simulation: Simulation, scenario: Scenario): Promise<Judged> {
  const { history, fired, sites } = await simulation.run(scenario, { collect: true })
  const verdicts = check(history, simulation.system.invariants)
  const violations = verdicts.flatMap(({ kind, reasons: [first] }, index) =>
    kind === 'violated' && first !== undefined ? [{ index, ...classOf(first) }] : [],
  )
  return { verdicts, violations, fired, sites }
}

/** What shrinking asks of a run: whether it fails in the same way. */
export function outcomeOf({ verdicts, violations, fired, sites }: Judged, violation: Violation): CandidateOutcome {
  return {
    fails: violations.some((other) => sameViolation(other, violation)),
    verdict: verdicts[violation.index]?.kind ?? 'unknown',
    fired,
    sites,
  }
}

function classOf({ kind, of }: FailureClass): FailureClass {
  return of === undefined ? { kind } : { kind, of }
}

export function sameViolation(a: Violation, b: Violation): boolean {
  return a.index === b.index && isSameFailure(a, b)
}
