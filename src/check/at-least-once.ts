// atLeastOnce: what was answered ok did happen. A liveness property: the effect may come after the answer (an outbox, a
// queue), so that it is missed only when nothing is left to do.
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
 * Unknown when one is missing and the history reached a bound. Vacuous when nothing was answered ok.
 *
 * After Spector, "Performing Remote Operations Efficiently on a Local Computer Network" (1982); what is missing is what
 * Jepsen's `total-queue` checker calls lost.
 *
 * @throws in `check`, where a key function throws or gives no key, or the keys of both sides can never be equal
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

/** Both sides of an invariant under their keys. */
export interface Joined {
  readonly calls: ReadonlyMap<Key, readonly Call[]>
  readonly effects: ReadonlyMap<Key, readonly Observed[]>
}

/** Joins an operation with its effect. @throws where keys are no keys or can never meet */
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
  /** What is said of an effect that is not there. @default 'never happened for it' */
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
          `${effect.name} ${absent}; ` +
          `expected ${expected}.${hint}`,
        kind: 'missing' as const,
        of: effect.name,
        subject: key,
        events: seqs([], accepted),
      },
    ]
  })
}

/** Without faults, an effect that never comes at all is more often misspelt than lost. */
function neverHappenedHint(history: History, { name, source }: KeyedEffect<Key>): string {
  if (history.events.some((event) => event.kind === 'fault')) return ''
  return ` No ${name} happened in this whole history, and no fault struck: ${whereToLook(source)}`
}

/** The verdict where effects are missing but more was to come. */
export function tooEarly(history: History, [first]: readonly Reason[]): Verdict {
  return undecided(`${cutShort(history)}, when this was so: ${first?.text ?? 'an effect was missing'}`)
}

export function isAccepted({ end }: Call): boolean {
  return end?.kind === 'ok'
}

export function anyAccepted(calls: Joined['calls']): boolean {
  return Array.from(calls.values()).some((made) => made.some(isAccepted))
}

/** Why a verdict is vacuous for want of operations. */
export function nothingAccepted(operation: string, calls: Joined['calls']): string {
  return calls.size === 0
    ? `no "${operation}" operation was attempted: is it in the system's operations?`
    : `no "${operation}" operation was answered ok: does the handler accept what the arbitrary makes?`
}
