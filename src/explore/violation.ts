// Which violation of a history to shrink, and when two are the same. Pure functions.
import { weakestOf } from '../verdict/consistency.ts'
import { isSameFailure, type FailureClass } from '../verdict/reason.ts'
import type { Executed, ViolatedInvariant } from './executor.ts'

/** What was violated before. */
interface Before extends FailureClass {
  /** Its name. */
  readonly invariant: string
}

/**
 * The violation to shrink: the saved one where it is still there; of consistency models the weakest, as stronger ones
 * fall with it.
 */
export function violationToShrink({ violations }: Executed, before: Before | undefined): ViolatedInvariant {
  const saved =
    before &&
    violations.find(({ invariant, reason }) => invariant.name === before.invariant && isSameFailure(reason, before))
  const [first] = violations
  if (first === undefined) throw new Error('Bug: an equal history without the violation')
  return saved ?? (first.invariant.model === undefined ? first : (weakestAmong(violations) ?? first))
}

function weakestAmong(violations: readonly ViolatedInvariant[]): ViolatedInvariant | undefined {
  const [weakest] = weakestOf(violations.flatMap(({ invariant: { model } }) => model ?? []))
  return violations.find(({ invariant: { model } }) => model !== undefined && model === weakest)
}

/** Whether two are the same failure, which shrinking keeps. */
export function sameViolation(a: ViolatedInvariant, b: ViolatedInvariant): boolean {
  return a.invariant === b.invariant && isSameFailure(a.reason, b.reason)
}
