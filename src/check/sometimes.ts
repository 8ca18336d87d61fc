// sometimes: a claim about the exploration, not about one history: that something interesting was reached at all. A
// history that did not reach it is vacuous, never violated; the fold over all histories fails when every one is. Knows
// effects; the rest is the user's.
import { effectsOf, type Effect, type EffectSource } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { holds, noVerdict, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { ask, momentsOf, type PredicateAnswer } from './always.ts'
import { inOrder } from './by-key.ts'

/**
 * Holds in a history in which the predicate was true at some moment, of the effects until then; vacuous in one in which
 * it never was. So a test fails when no history ever reached it, and says so: the breaker never opened, no retry was
 * ever seen, and what the other invariants claim of such histories was never tried. Effects of one moment come
 * together, as for `always`. Unknown where it was never true and threw, or gave neither `true` nor `false`. Never
 * violated.
 *
 * "Sometimes" of Lamport, "'Sometime' is Sometimes 'Not Never'" (POPL 1980), existential over runs as the
 * sometimes-assertions of Antithesis are.
 *
 * @param name the claim in words; it names the invariant
 * @param effect whose values the predicate is asked about, after each of them; without it, the predicate is asked
 *   once, about the
 *   whole history
 * @param predicate a pure function. The list of values grows in place: don't keep it.
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
    check: (history) => verdict(answersIn(history), `"${name}" was not so at ${where}.`),
  }
}

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
    for (const { value } of group) seen.push(value as T) // values recorded under this name come from this source
    if (group.length > 0) yield ask<readonly T[]>(name, predicate, seen)
  }
}
