// ackDurable: what was acknowledged is still there at the end, and nothing is there that nobody wrote. The first half
// (nothing lost) is a liveness property, the second (nothing from thin air) a safety property. Knows calls and the
// final state.
import type { Key, KeyedEffect } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { KeyedOperation } from '../system/operation.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { anyAccepted, joinByKey, missing, nothingAccepted, tooEarly } from './at-least-once.ts'
import type { Agreeing } from './by-key.ts'
import { isQuiet } from './calls.ts'
import { phantom } from './no-phantom.ts'

/**
 * Holds when every key that was acknowledged (an operation for it was answered ok) is in the final state, and every key
 * in the final state has an operation that may have happened, that is, one that did not definitely fail. The key of an
 * operation without an answer may be there or not. How often a key is there does not matter; `exactlyOnce` checks that.
 *
 * A key that nobody can have written is a violation no matter how the history ended. A lost key is a violation if the
 * history is quiet (healed, with nothing left to do), and unknown if the history ended at a bound. Vacuous when nothing
 * was answered ok and the final state is empty.
 *
 * Jepsen's `set` checker calls these lost and unexpected elements. Rows that were there when the history began need no
 * operation. If another operation can remove a key, it must leave a trace that the query shows.
 *
 * @param operation keyed by what the client sends
 * @param effect the final state, usually `rows`, with the same keys; a `journal` or `requests` counts everything that
 *   ever happened
 * @throws in `check`, if a key function throws or returns no key, or if the keys of both sides have no type in common
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
