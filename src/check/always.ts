// always: a predicate of the user's on the effects so far, evaluated after each effect. Knows effects; the predicate is
// the user's.
import { effectsOf, type Effect, type Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, noVerdict, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { inOrder } from './by-key.ts'
import { momentOf, noEffect, seqs, shown } from './reason-words.ts'

/**
 * Holds when the predicate is true of the effects so far, after every effect. Effects of one moment (the rows of one
 * commit) are added together, so that the predicate never sees a state that did not exist. Rows that were read only at
 * the end are all added at once. Violated as soon as the predicate is false; unknown if it throws and is never false;
 * vacuous when no effect happened.
 *
 * The operator "henceforth" of Pnueli, "The Temporal Logic of Programs" (1977).
 *
 * @param name the claim in words; it names the invariant
 * @param predicate a pure function of the effects' values in order of time. `true`: the claim is true so far. `false`,
 *   or a text that says why: it is not. Any other result, even a promise, makes the verdict unknown. The same growing
 *   list is passed every time: do not keep it.
 * @example
 * always('the balance never goes below 0', ledger, (entries) => {
 *   const balance = entries.reduce((sum, entry) => sum + entry.cents, 0)
 *   return balance >= 0 || `the balance is ${balance}`
 * })
 */
export function always<T>(
  name: string,
  effect: Effect<T>,
  predicate: (values: readonly T[]) => boolean | string,
): Invariant {
  return {
    kind: 'invariant',
    name,
    effects: [effect.source],
    check(history: History) {
      const groups = momentsOf(inOrder(effectsOf(history, effect.name)))
      if (groups.length === 0) return vacuous(noEffect(effect.source))
      const seen: T[] = []
      let doubt: Verdict | undefined
      for (const group of groups) {
        // the cast holds: values under this name come from this source
        for (const { value } of group) seen.push(value as T)
        const answer = ask<readonly T[]>(name, predicate, seen)
        if (answer.kind === 'no')
          return { kind: 'violated', reasons: [broken(name, effect.name, seen.length, group, answer.text)] }
        if (answer.kind === 'unclear') doubt ??= noVerdict(answer.text)
      }
      return doubt ?? holds
    },
  }
}

/**
 * Groups effects, which are in order, by the event in which they happened. If the event of any is unknown, all form one
 * group.
 */
export function momentsOf(effects: readonly Observed[]): readonly (readonly Observed[])[] {
  if (effects.some(({ event }) => event === undefined)) return [effects]
  return Array.from(Map.groupBy(effects, ({ event }) => event).values())
}

/** The answer of a user's predicate. */
export type PredicateAnswer = { readonly kind: 'yes' } | { readonly kind: 'no' | 'unclear'; readonly text: string }

/**
 * Evaluates a user's predicate: `true` means yes; `false` or a text means no; anything else, or an error, is unclear.
 */
export function ask<S>(name: string, predicate: (state: S) => unknown, seen: S): PredicateAnswer {
  try {
    const said = predicate(seen)
    if (said === true) return { kind: 'yes' }
    if (said === false || typeof said === 'string') return { kind: 'no', text: said === false ? '' : said }
    const found = said instanceof Promise ? 'a promise' : shown(said)
    return {
      kind: 'unclear',
      text: `the predicate of "${name}" returned ${found}; return true, false or the reason as a text.`,
    }
  } catch (error) {
    return {
      kind: 'unclear',
      text:
        `the predicate of "${name}" threw ${String(error)}; return false or the reason as a text where the claim ` +
        'is broken.',
    }
  }
}

function broken(name: string, effect: string, count: number, group: readonly Observed[], text: string): Reason {
  const last = group.at(-1)
  return {
    text: `"${name}" was broken after ${count} ${effect}${momentOf(last)}${text === '' ? '' : `: ${text}`}.`,
    kind: 'custom',
    of: name,
    events: seqs(group),
  }
}
