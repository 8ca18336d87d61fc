// sometimes: a claim about the exploration as a whole: something interesting was reached at least once. A history that
// did not reach it is vacuous, never violated; the fold over all histories fails when every one is vacuous. Knows
// effects; the predicate is the user's.
import { effectsOf, type Effect, type EffectSource } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { holds, noVerdict, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { ask, momentsOf, type PredicateAnswer } from './always.ts'
import { inOrder } from './by-key.ts'

/**
 * Holds in a history in which the predicate was true at some moment, for the effects until then; vacuous in a history
 * in which it never was. So a test fails, and says so, when no history reached the situation: the breaker never opened,
 * no retry was ever made, and the other invariants were never tested in it. Effects of one moment are added together,
 * as for `always`. Unknown if the predicate was never true and threw, or returned neither `true` nor `false`. Never
 * violated.
 *
 * "Sometimes" of Lamport, "'Sometime' is Sometimes 'Not Never'" (POPL 1980), required of at least one run, like the
 * sometimes-assertions of Antithesis.
 *
 * @param name the claim in words; it names the invariant
 * @param effect the predicate is evaluated after each of its effects; without an effect, it is evaluated once, on the
 *   whole history
 * @param predicate a pure function. The same growing list of values is passed every time: do not keep it.
 * @example
 * sometimes('two charges of one history', charge, (all) => all.length > 1)
 * @example
 * sometimes('a node crashed', (history) => history.events.some(({ kind }) => kind === 'crash'))
 */
export function sometimes<T>(name: string, effect: Effect<T>, predicate: (values: readonly T[]) => boolean): Invariant
export function sometimes(name: string, predicate: (history: History) => boolean): Invariant
export function sometimes<T>(
  name: string,
  ...asked: readonly [Effect<T>, (values: readonly T[]) => boolean] | readonly [(history: History) => boolean]
): Invariant {
  if (asked.length === 1) {
    const [predicate] = asked
    return invariant(name, [], 'any moment of the history', (history) => [ask(name, predicate, history)])
  }
  const [effect, predicate] = asked
  return invariant(name, [effect.source], `any "${effect.name}" effect`, (history) =>
    answers(name, effect, predicate, history),
  )
}

function invariant(
  name: string,
  effects: readonly EffectSource[],
  where: string,
  answersIn: (history: History) => Iterable<PredicateAnswer>,
): Invariant {
  return {
    kind: 'invariant',
    name,
    effects,
    isRare: true,
    check: (history) => verdict(answersIn(history), `"${name}" was not true at ${where}. ${toReachIt}`),
  }
}

const toReachIt =
  'To reach it: more random histories (numRuns), more operations that meet (maxOperations, inputs that repeat), or ' +
  'the kinds of fault that lead there (tolerates).'

function verdict(found: Iterable<PredicateAnswer>, never: string): Verdict {
  let doubt: Verdict | undefined
  for (const answer of found) {
    if (answer.kind === 'yes') return holds
    if (answer.kind === 'unclear') doubt ??= noVerdict(answer.text)
  }
  return doubt ?? vacuous(never)
}

function* answers<T>(
  name: string,
  effect: Effect<T>,
  predicate: (values: readonly T[]) => boolean,
  history: History,
): Generator<PredicateAnswer, void> {
  const seen: T[] = []
  for (const group of momentsOf(inOrder(effectsOf(history, effect.name)))) {
    for (const { value } of group) seen.push(value as T) // the cast holds: values under this name come from this source
    if (group.length > 0) yield ask<readonly T[]>(name, predicate, seen)
  }
}
