// exactlyOnce: at most one effect for every key, and at least one for every key that was answered ok. The first half is
// a safety property, the second a liveness property. Knows these halves; must not know how operations and effects are
// observed.
import type { Key, KeyedEffect } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { KeyedOperation } from '../system/operation.ts'
import { holds, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { anyAccepted, isAccepted, joinByKey, missing, nothingAccepted, tooEarly, type Joined } from './at-least-once.ts'
import { tooMany, type Expectation } from './at-most-once.ts'
import type { Agreeing } from './by-key.ts'
import { isQuiet } from './calls.ts'
import { whereToLook } from './reason-words.ts'

/**
 * Holds when every key with an operation that was answered ok has exactly one effect, and every other key at most one,
 * since an operation without an answer may have happened, once. Several operations with one key (a double click) count
 * as one. Whether a key that failed, or that nobody asked for, may have an effect is checked by `noPhantom`. A row that
 * was there when the history began is an effect for its key, but does not count as a second one.
 *
 * Too many effects are violated no matter how the history ended. A missing effect is violated when nothing was left to
 * do, and unknown when the history ended at a bound, since the effect may come after the answer. Vacuous when the
 * operation was never attempted, or was never answered ok and had no effect.
 *
 * After Birrell and Nelson, "Implementing Remote Procedure Calls" (1984): if the call returns, the procedure has been
 * invoked precisely once; otherwise once or not at all.
 *
 * @param operation keyed by what the client sends
 * @param effect with the same keys; their types must agree, except that a literal type agrees with its base type
 * @throws in `check`, if a key function throws or returns no key, or if the keys of both sides have no type in common
 * @example
 * exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order))
 */
export function exactlyOnce<K extends Key>(
  operation: KeyedOperation<K>,
  effect: KeyedEffect<NoInfer<Agreeing<K>>>,
): Invariant {
  return {
    kind: 'invariant',
    name: `exactlyOnce(${operation.name}, ${effect.name})`,
    effects: [effect.source],
    check(history: History) {
      const sides = joinByKey(history, operation, effect)
      const surplus = tooMany(effect.name, sides.effects, expectation(operation.name, sides))
      const missed = missing({ history, operation, effect, expected: 'exactly one' }, sides.calls, sides.effects)
      const reasons = isQuiet(history) ? [...surplus, ...missed] : surplus
      if (reasons.length > 0) return { kind: 'violated', reasons }
      if (missed.length > 0) return tooEarly(history, missed)
      return nothingToCount(operation.name, effect, sides) ?? holds
    },
  }
}

function expectation(operation: string, { calls }: Joined): (key: Key) => Expectation {
  return (key) => {
    const made = calls.get(key) ?? []
    if (made.some(isAccepted)) return { expected: 'exactly one', calls: made }
    return { expected: `at most one, as no ${operation} for it was answered ok`, calls: made }
  }
}

function nothingToCount(operation: string, effect: KeyedEffect<Key>, { calls, effects }: Joined): Verdict | undefined {
  if (calls.size === 0) return vacuous(nothingAccepted(operation, calls))
  if (anyAccepted(calls) || effects.size > 0) return undefined
  return vacuous(
    `no "${operation}" operation was answered ok and no "${effect.name}" effect happened: ` +
      whereToLook(effect.source),
  )
}
