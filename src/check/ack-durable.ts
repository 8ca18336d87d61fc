// ackDurable: what was answered ok is still there at the end, and nothing else is. A liveness half (nothing lost) and a
// safety half (nothing from thin air), judged as such. Knows calls and the final state.
import type { Key, KeyedEffect } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { KeyedOperation } from '../system/operation.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { anyAccepted, joinByKey, missing, nothingAccepted, tooEarly } from './at-least-once.ts'
import type { Agreeing } from './by-key.ts'
import { isQuiet } from './calls.ts'
import { phantom } from './no-phantom.ts'

/**
 * Holds when every key with an operation that was answered ok is in the final state, and every key in it had an
 * operation that may have happened: one that did not fail definitely. An operation without an answer may be there or
 * not. How often a key is there is the business of `exactlyOnce`.
 *
 * A key that nobody may have written is violated however the history ended. A lost one is violated when nothing was
 * left to do, after healing; unknown when the history reached a bound. Vacuous when nothing was answered ok and the
 * final state is empty.
 *
 * What Jepsen's `set` checker calls lost and unexpected elements. Rows that were there when the history began need no
 * operation. What another operation may remove has to leave a trace that the query shows.
 *
 * @param operation keyed by what the client sends
 * @param effect the final state, usually `rows`, keyed alike; of a `journal` or of `requests`, all that ever happened
 * @throws in `check`, where a key function throws or gives no key, or the keys of both sides can never be equal
 * @example
 * ackDurable(
 *   save.by((s) => s.id),
 *   rows('note', () => db.prepare('select id from notes').all() as Note[]).by((n) => n.id),
 * )
 */
export function ackDurable<K extends Key>(
  operation: KeyedOperation<K>,
  effect: KeyedEffect<NoInfer<Agreeing<K>>>,
): Invariant {
  return {
    kind: 'invariant',
    name: `ackDurable(${operation.name}, ${effect.name})`,
    effects: [effect.source],
    check(history: History) {
      const { calls, effects } = joinByKey(history, operation, effect)
      const lost = missing(
        { history, operation, effect, expected: 'it in the final state', absent: 'is not there at the end' },
        calls,
        effects,
      )
      const unasked = Array.from(effects).flatMap(([key, made]) =>
        phantom([operation.name], effect.name, key, made, calls.get(key) ?? []),
      )
      const reasons = isQuiet(history) ? [...lost, ...unasked] : unasked
      if (reasons.length > 0) return { kind: 'violated', reasons }
      if (lost.length > 0) return tooEarly(history, lost)
      return anyAccepted(calls) || effects.size > 0 ? holds : vacuous(nothingAccepted(operation.name, calls))
    },
  }
}
