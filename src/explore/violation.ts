// Which violation of a history to shrink, and when two are the same. Pure functions.
import { weakestOf } from '../consistency.ts'
import type { SavedCounterexample } from '../replay.ts'
import type { Executed, Violated } from './executor.ts'

/** The violation to shrink: the saved one where it is still there; of consistency models the weakest, as stronger ones fall with it. */
export function chosen({ violations }: Executed, replayed: SavedCounterexample | undefined): Violated {
  const saved = replayed && violations.find(({ invariant, reason }) => invariant.name === replayed.violated.invariant && reason.class === replayed.violated.class)
  const [first] = violations
  if (first === undefined) throw new Error('Bug: an equal history without the violation')
  return saved ?? (first.invariant.model === undefined ? first : weakestAmong(violations) ?? first)
}

function weakestAmong(violations: readonly Violated[]): Violated | undefined {
  const [weakest] = weakestOf(violations.flatMap(({ invariant: { model } }) => model ?? []))
  return violations.find(({ invariant: { model } }) => model !== undefined && model === weakest)
}

/** Whether two are of one class, which shrinking keeps. */
export function same(a: Violated, b: Violated): boolean {
  return a.invariant === b.invariant && a.reason.class === b.reason.class
}
