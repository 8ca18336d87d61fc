// Which violation of a history is shrunk, and when two violations are the same. Pure functions.
import { bug } from '../plain/bug.ts'
import { weakestOf } from '../verdict/consistency.ts'
import { isSameFailure, type FailureClass } from '../verdict/reason.ts'
import type { Executed, ViolatedInvariant } from './executor.ts'

/** The violation that a saved counterexample shows. */
interface KnownViolation extends FailureClass {
  /** The invariant's name. */
  readonly invariant: string
}

/**
 * The violation to shrink: the saved one where it still occurs, else the first; of several consistency models the
 * weakest, because a history that violates it violates the stronger ones as well.
 */
export function violationToShrink({ violations }: Executed, before: KnownViolation | undefined): ViolatedInvariant {
  const saved =
    before &&
    violations.find(({ invariant, reason }) => invariant.name === before.invariant && isSameFailure(reason, before))
  const [first] = violations
  if (first === undefined) bug('the history violates nothing.')
  return saved ?? (first.invariant.model === undefined ? first : (weakestAmong(violations) ?? first))
}

function weakestAmong(violations: readonly ViolatedInvariant[]): ViolatedInvariant | undefined {
  const [weakest] = weakestOf(violations.flatMap(({ invariant: { model } }) => model ?? []))
  return violations.find(({ invariant: { model } }) => model !== undefined && model === weakest)
}

/** Whether two are the same failure: shrinking may not change from one to another. */
export function sameViolation(a: ViolatedInvariant, b: ViolatedInvariant): boolean {
  return a.invariant === b.invariant && isSameFailure(a.reason, b.reason)
}
