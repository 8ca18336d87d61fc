// atMostOnce: no key has two effects. A safety property: it is violated no matter how the history ended. Knows effects
// only, not what clients saw.
import type { Key, KeyedEffect, Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import { vacuous, type Invariant } from '../verdict/verdict.ts'
import { effectsByKey, isNew } from './by-key.ts'
import type { Call } from './calls.ts'
import { askingFor, holdsByKey } from './shared-keys.ts'
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
      if (reasons.length > 0) return { kind: 'violated', reasons }
      const asking = askingFor(history)
      return holdsByKey(
        effects,
        (keys) => keys.some((key) => asking(key) === 0),
        `every "${effect.name}" has a key of its own, and no operation asked for it. Give as key what may happen ` +
          'only once (the order, the message), and not an id that is made for each attempt.',
      )
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
