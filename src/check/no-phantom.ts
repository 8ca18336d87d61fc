// noPhantom: no effect happens that nobody asked for, or whose operations all definitely failed. A safety property. An
// operation without an answer (info, or still open) may have made its effect.
import type { Key, KeyedEffect, Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { KeyedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { assertKeysCanMeet, callsByKey, effectsByKey, isNew, type Agreeing } from './by-key.ts'
import type { Call } from './calls.ts'
import { list, momentOf, noEffect, seconds, seqs, shown, times } from './reason-words.ts'

/**
 * Holds when every effect has an operation with its key that may have made it. Violated by an effect whose key no
 * operation attempted, or whose key only operations attempted that definitely failed. Vacuous when no effect happened,
 * even if operations failed: without any effect, a wrong pattern would look like a correct rejection.
 *
 * Name every operation that may make the effect. Rows that were there when the history began are nobody's effect.
 *
 * A failed write whose effect is visible is the aborted read (G1a) of Adya, "Weak Consistency" (1999). Jepsen's `set`
 * and `total-queue` checkers call an effect that nobody attempted unexpected.
 *
 * @throws if no operation is named; in `check`, if a key function throws or returns no key, or if the keys of both
 *   sides have no type in common
 * @example
 * noPhantom(pay.by((p) => p.order), charge.by((c) => c.order))
 * @example
 * noPhantom([buy.by((b) => b.id), renew.by((r) => r.id)], charge.by((c) => c.id))
 */
export function noPhantom<K extends Key>(
  operations: KeyedOperation<K> | readonly KeyedOperation<K>[],
  effect: KeyedEffect<NoInfer<Agreeing<K>>>,
): Invariant {
  const asked: readonly KeyedOperation<K>[] = 'kind' in operations ? [operations] : operations
  if (asked.length === 0)
    throw new Error(`noPhantom([], ${effect.name}): name at least one operation that may make the effect.`)
  const names = asked.map(({ name }) => name)
  return {
    kind: 'invariant',
    name: `noPhantom(${names.join(' | ')}, ${effect.name})`,
    effects: [effect.source],
    check(history: History) {
      const effects = effectsByKey<Key>(history, effect, isNew)
      if (effects.size === 0) return vacuous(noEffect(effect.source))
      const calls = merged(asked.map((operation) => callsByKey<Key>(history, operation)))
      assertKeysCanMeet({ name: names.join(' | '), keys: calls }, { name: effect.name, keys: effects })
      const reasons = Array.from(effects).flatMap(([key, made]) =>
        phantom(names, effect.name, key, made, calls.get(key) ?? []),
      )
      return reasons.length === 0 ? holds : { kind: 'violated', reasons }
    },
  }
}

function merged(sides: readonly ReadonlyMap<Key, readonly Call[]>[]): ReadonlyMap<Key, readonly Call[]> {
  const all = new Map<Key, Call[]>()
  for (const side of sides) for (const [key, calls] of side) all.set(key, [...(all.get(key) ?? []), ...calls])
  return all
}

/** A reason for the effects of a key, if no operation may have made them. */
export function phantom(
  operations: readonly string[],
  effect: string,
  key: Key,
  all: readonly Observed[],
  calls: readonly Call[],
): readonly Reason[] {
  const made = all.filter(isNew)
  if (made.length === 0) return []
  if (calls.some(({ end }) => end?.kind !== 'fail')) return []
  const happened =
    [effect, 'happened', ...(made.length === 1 ? [] : [times(made.length)]), 'for', shown(key)].join(' ') +
    momentOf(made[0])
  return [
    {
      text: `${happened}, but ${
        calls.length === 0 ? `no ${operations.join(' or ')} was ever invoked for it` : failed(calls)
      }; expected none.`,
      kind: 'phantom',
      of: effect,
      subject: key,
      events: seqs(made, calls),
    },
  ]
}

function failed(calls: readonly Call[]): string {
  const ends = calls.map(({ invoke, end }) =>
    end === undefined
      ? ''
      : `${invoke.operation} failed at ${seconds(end.atMs)}${end.why === undefined ? '' : ` (${end.why})`}`,
  )
  return list(ends)
}
