// eventually: a predicate of the user's on the final effects. A liveness property: judged at the end of a healed
// history, when nothing is left to do. Knows effects; the predicate is the user's.
import { effectsOf, type Effect } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { holds, noVerdict, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { ask } from './always.ts'
import { inOrder } from './by-key.ts'
import { cutShort, endOf } from './calls.ts'

/**
 * Holds when the predicate is true of all effects at the end of a quiet history: faults are over, and nothing is left
 * to do. Only the end counts; the predicate may have been true or false before. For `rows`, the effects are the rows
 * that exist at the end; for a `journal` or `requests`, everything that ever happened.
 *
 * Unknown when the history ended at a bound, as the predicate might still become true, or when the predicate throws.
 * Vacuous when no effect happened and no operation was invoked. If operations were invoked, no effects may be a valid
 * end (a queue that has drained).
 *
 * "Eventually always" of Pnueli, "The Temporal Logic of Programs" (1977), at the end of a run.
 *
 * @param name the claim in words; it names the invariant
 * @param predicate a pure function of the effects' values in order of time. `true`: the claim is true. `false`, or a
 *   text that says why: it is not. Any other result, even a promise, makes the verdict unknown.
 * @example
 * eventually('every order is shipped or cancelled', orders, (all) =>
 *   all.every(({ state }) => state === 'shipped' || state === 'cancelled'))
 */
export function eventually<T>(
  name: string,
  effect: Effect<T>,
  predicate: (values: readonly T[]) => boolean | string,
): Invariant {
  return {
    kind: 'invariant',
    name,
    effects: [effect.source],
    check(history: History) {
      // The cast holds: values under this name come from this source
      const values = inOrder(effectsOf(history, effect.name)).map(({ value }) => value as T)
      if (values.length === 0 && !history.events.some(({ kind }) => kind === 'invoke')) {
        return vacuous(`no "${effect.name}" effect happened and no operation was invoked: does the workload have any?`)
      }
      const end = endOf(history)
      if (end?.reason !== 'quiet') return undecided(`${cutShort(history)}: "${name}" might still come true.`)
      const answer = ask<readonly T[]>(name, predicate, values)
      if (answer.kind === 'yes') return holds
      if (answer.kind === 'unclear') return noVerdict(answer.text)
      const found =
        `"${name}" was not true at the end, with ${values.length} ` +
        `${effect.name}${answer.text === '' ? '' : `: ${answer.text}`}.`
      return { kind: 'violated', reasons: [{ kind: 'custom', of: name, text: found, events: [end.seq] }] }
    },
  }
}
