// atMostOnce: no key has two effects. A safety property: it is violated no matter how the history ended. Knows effects
// only, not what clients saw.
import type { Key, KeyedEffect, Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { effectsByKey, isNew } from './by-key.ts'
import type { Call } from './calls.ts'
import { moments, noEffect, seqs, shown, times, without } from './reason-words.ts'

/**
 * Holds when every key has at most one effect; rows that were there when the history began are not counted. Vacuous
 * when no effect happened.
 *
 * After Birrell and Nelson, "Implementing Remote Procedure Calls" (1984): at most once.
 *
 * @throws in `check`, if the key function throws or returns no key; this package's `check` turns that into `unknown`
 * @example
 * atMostOnce(receipt.by((r) => r.order))
 */
export function atMostOnce<K extends Key>(effect: KeyedEffect<K>): Invariant {
  return {
    kind: 'invariant',
    name: `atMostOnce(${effect.name})`,
    effects: [effect.source],
    check(history: History) {
      const effects = effectsByKey(history, effect, isNew)
      if (effects.size === 0) return vacuous(noEffect(effect.source))
      const reasons = tooMany(effect.name, effects, () => ({ expected: 'at most one', calls: [] }))
      return reasons.length === 0 ? holds : { kind: 'violated', reasons }
    },
  }
}

/** The number of effects that was expected for a key, and the calls on which the expectation rests. */
export interface Expectation {
  readonly expected: string
  readonly calls: readonly Call[]
}

/** A reason for every key with more than one effect. Rows that were there when the history began do not count. */
export function tooMany<K extends Key>(
  name: string,
  effects: ReadonlyMap<K, readonly Observed[]>,
  expectation: (key: K) => Expectation,
): readonly Reason[] {
  return Array.from(effects).flatMap(([key, all]) => {
    const made = all.length > 1 ? all.filter(isNew) : []
    if (made.length < 2) return []
    const { expected, calls } = expectation(key)
    return [
      {
        text: `${name} happened ${times(made.length)} for ${shown(key)}${moments(made)}; expected ${expected}.`,
        kind: 'too-many' as const,
        of: name,
        subject: key,
        events: seqs(made.slice(1)),
        against: without(seqs(made.slice(0, 1), calls), seqs(made.slice(1))),
      },
    ]
  })
}
