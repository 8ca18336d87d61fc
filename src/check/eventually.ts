// eventually: the user's own claim about how things end. A liveness property: judged at the end of a healed history,
// when nothing is left to do. Knows effects; the rest is the user's.
import { effectsOf, type Effect } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { holds, noVerdict, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { ask } from './always.ts'
import { inOrder } from './by-key.ts'
import { cutShort, endOf } from './calls.ts'

/**
 * Holds when the predicate is true of all effects at the end of a quiet history: faults are over, nothing is left to
 * do. That it was true for a while before does not count, and that it was not does no harm. Of `rows`, the effects are
 * the rows that are there at the end; of a `journal` or of `requests`, all that ever happened.
 *
 * Unknown when the history reached a bound: it might still come true; also where the predicate throws. Vacuous when no
 * effect happened and no operation was invoked; no effects of some operations are an answer (a queue that has drained).
 *
 * "Eventually always" of Pnueli, "The Temporal Logic of Programs" (1977), at the end of a run.
 *
 * @param name the claim in words; it names the invariant
 * @param predicate a pure function of the effects' values in order of time. `true`: it is so. `false`, or a reason as
 *   text: it
 *   is not. Anything else, a promise too, makes the verdict unknown.
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
      // Values under this name come from this source
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
        `"${name}" was not so at the end, with ${values.length} ` +
        `${effect.name}${answer.text === '' ? '' : `: ${answer.text}`}.`
      return { kind: 'violated', reasons: [{ kind: 'custom', of: name, text: found, events: [end.seq] }] }
    },
  }
}
