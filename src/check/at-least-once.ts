// atLeastOnce: every acknowledged operation has its effect. A liveness property: the effect may come after the answer
// (through an outbox or a queue), so it counts as missing only when nothing is left to do.
import type { Key, KeyedEffect, Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { KeyedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import { assertKeysCanMeet, callsByKey, effectsByKey, type Agreeing } from './by-key.ts'
import { cutShort, isQuiet, type Call } from './calls.ts'
import { seconds, seqs, shown, whereToLook } from './reason-words.ts'

/**
 * Holds when every key with an operation that was answered ok has at least one effect at the end of the history; a row
 * that was there when the history began is one.
 * Unknown when an effect is missing and the history ended at a bound. Vacuous when nothing was answered ok.
 *
 * After Spector, "Performing Remote Operations Efficiently on a Local Computer Network" (1982); a missing effect is
 * what Jepsen's `total-queue` checker calls lost.
 *
 * @throws in `check`, if a key function throws or returns no key, or if the keys of both sides have no type in common
 * @example
 * atLeastOnce(order.by((o) => o.id), email.by((e) => e.order))
 */
export function atLeastOnce<K extends Key>(
  operation: KeyedOperation<K>,
  effect: KeyedEffect<NoInfer<Agreeing<K>>>,
): Invariant {
  return {
    kind: 'invariant',
    name: `atLeastOnce(${operation.name}, ${effect.name})`,
    effects: [effect.source],
    check(history: History) {
      const { calls, effects } = joinByKey(history, operation, effect)
      const reasons = missing({ history, operation, effect, expected: 'at least one' }, calls, effects)
      if (reasons.length > 0) return isQuiet(history) ? { kind: 'violated', reasons } : tooEarly(history, reasons)
      return anyAccepted(calls) ? holds : vacuous(nothingAccepted(operation.name, calls))
    },
  }
}

/** The calls and the effects of an invariant, both grouped by key. */
export interface Joined {
  readonly calls: ReadonlyMap<Key, readonly Call[]>
  readonly effects: ReadonlyMap<Key, readonly Observed[]>
}

/**
 * Joins an operation with its effect. @throws if a key is not a key, or the keys of both sides have no type in common
 */
export function joinByKey(history: History, operation: KeyedOperation<Key>, effect: KeyedEffect<Key>): Joined {
  const calls = callsByKey(history, operation)
  const effects = effectsByKey(history, effect)
  assertKeysCanMeet({ name: operation.name, keys: calls }, { name: effect.name, keys: effects })
  return { calls, effects }
}

interface AtLeastOnceClaim {
  readonly history: History
  readonly operation: KeyedOperation<Key>
  readonly effect: KeyedEffect<Key>
  readonly expected: string
  /** The words for an effect that is missing. @default 'never happened for it' */
  readonly absent?: string
}

/** A reason for every key that was answered ok and has no effect. */
export function missing(
  { history, operation, effect, expected, absent = 'never happened for it' }: AtLeastOnceClaim,
  calls: Joined['calls'],
  effects: Joined['effects'],
): readonly Reason[] {
  const hint = effects.size === 0 ? neverHappenedHint(history, effect) : ''
  return Array.from(calls).flatMap(([key, made]) => {
    const accepted = made.filter(isAccepted)
    const [first] = accepted
    if (first?.end === undefined || effects.has(key)) return []
    return [
      {
        text:
          `${operation.name} was answered ok for ${shown(key)} at ${seconds(first.end.atMs)}, but ` +
          `${effect.name} ${absent}; expected ${expected}.${hint}`,
        kind: 'missing' as const,
        of: effect.name,
        subject: key,
        events: seqs([], accepted),
      },
    ]
  })
}

/** If no fault struck and the effect never happened at all, its name or query is probably wrong. */
function neverHappenedHint(history: History, { name, source }: KeyedEffect<Key>): string {
  if (history.events.some((event) => event.kind === 'fault')) return ''
  return ` No ${name} happened in this whole history, and no fault struck: ${whereToLook(source)}`
}

/** The verdict when effects are missing, but the history ended before all work was done. */
export function tooEarly(history: History, [first]: readonly Reason[]): Verdict {
  return undecided(`${cutShort(history)}, when this was so: ${first?.text ?? 'an effect was missing'}`)
}

export function isAccepted({ end }: Call): boolean {
  return end?.kind === 'ok'
}

export function anyAccepted(calls: Joined['calls']): boolean {
  return Array.from(calls.values()).some((made) => made.some(isAccepted))
}

/** Why a verdict is vacuous: no operation was attempted, or none was answered ok. */
export function nothingAccepted(operation: string, calls: Joined['calls']): string {
  return calls.size === 0
    ? `no "${operation}" operation was attempted: is it in the system's operations?`
    : `no "${operation}" operation was answered ok: does the handler accept what the arbitrary makes?`
}
