// Which violation of a history to shrink, and when two are the same. Pure functions.
import { weakestOf } from '../verdict/consistency.ts'
import type { Executed, ViolatedInvariant } from './executor.ts'

/** What was violated before, by its names. */
interface Named {
  readonly invariant: string
  readonly class: string
}

/**
 * The violation to shrink: the saved one where it is still there; of consistency models the weakest, as stronger ones
 * fall with it.
 */
export function violationToShrink({ violations }: Executed, before: Named | undefined): ViolatedInvariant {
  const saved =
    before &&
    violations.find(({ invariant, reason }) => invariant.name === before.invariant && reason.class === before.class)
  const [first] = violations
  if (first === undefined) throw new Error('Bug: an equal history without the violation')
  return saved ?? (first.invariant.model === undefined ? first : (weakestAmong(violations) ?? first))
}

function weakestAmong(violations: readonly ViolatedInvariant[]): ViolatedInvariant | undefined {
  const [weakest] = weakestOf(violations.flatMap(({ invariant: { model } }) => model ?? []))
  return violations.find(({ invariant: { model } }) => model !== undefined && model === weakest)
}

/** Whether two are of one class, which shrinking keeps. */
export function sameViolation(a: ViolatedInvariant, b: ViolatedInvariant): boolean {
  return a.invariant === b.invariant && a.reason.class === b.reason.class
}
