// Oracles that can fail: which invariants object to nothing, whatever is done to the effects that they look at. Such a
// one is green for ever. (Mutation analysis of test oracles: Staats, Whalen and Heimdahl, "Programs, tests, and
// oracles", ICSE 2011.)
import type { EffectSource } from '../history/effect.ts'
import type { History, Snapshot } from '../history/history.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { Invariant, VerdictKind } from '../verdict/verdict.ts'
import { corruptions, type Corruption } from './corruptions.ts'

/** A history with what it was made of. */
export interface JudgedHistory {
  readonly history: History
  readonly workload: Workload
  /** Rows that were there in between. @default not known */
  readonly between?: readonly Snapshot[]
}

/** An invariant that objects to nothing. */
export interface BlindInvariant {
  readonly invariant: string
  /** The effects that it says it looks at. */
  readonly effects: readonly string[]
}

/**
 * The invariants that hold in some of these histories, and in each corrupted copy of them. Those that look at no effect
 * are not asked, nor are those that are never violated.
 */
export function blindInvariants(
  invariants: readonly Invariant[],
  histories: readonly JudgedHistory[],
): readonly BlindInvariant[] {
  return invariants.flatMap((invariant) => {
    const { name, effects, isRare = false } = invariant
    const names = [...new Set(effects.filter(isCounted).map((source) => source.name))]
    if (isRare || names.length === 0 || names.length < new Set(effects).size) return []
    const held = histories.filter(({ history }) => kindOf(invariant, history) === 'holds')
    const isAsked = held.some(({ history }) => names.some((effect) => isIn(history, effect)))
    return isAsked && held.every((one) => !objects(invariant, names, one)) ? [{ invariant: name, effects: names }] : []
  })
}

/** A view is what clients see of the state: nothing happens there twice. */
function isCounted({ from }: EffectSource): boolean {
  return from !== 'reads'
}

function isIn({ events, readings }: History, effect: string): boolean {
  return (
    events.some((event) => event.kind === 'effect' && event.effect === effect) ||
    readings.some((reading) => reading.effect === effect)
  )
}

function objects(
  invariant: Invariant,
  effects: readonly string[],
  { history, workload, between }: JudgedHistory,
): boolean {
  for (const effect of effects)
    for (const { how, history: corrupted } of corruptions(history, effect, workload, between))
      if (counts(invariant, how) && isNoticed(kindOf(invariant, corrupted))) return true
  return false
}

/**
 * Whoever counts how often something happened must notice a second time in which all that is generated is new: a copy
 * of the ids of the first one is no second time.
 */
function counts({ name }: Invariant, how: Corruption): boolean {
  return how !== 'copied' || !/^(?:exactlyOnce|atMostOnce)\(/.test(name)
}

/** Whoever sees nothing any more has noticed nothing; whoever can judge no longer has. */
export function isNoticed(kind: VerdictKind): boolean {
  return kind === 'violated' || kind === 'unknown'
}

/** A checker that throws cannot judge. */
export function kindOf(invariant: Invariant, history: History): VerdictKind {
  try {
    return invariant.check(history).kind
  } catch {
    return 'unknown'
  }
}
