// Whether a history could have shown two effects of one key at all. A checker that counts effects by a key that is made
// anew for each of them always holds. Knows effects and inputs; must not know checkers.
import type { Key, Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { holds, weakly, type Verdict } from '../verdict/verdict.ts'

/** A key of at least so many letters is found also inside a longer text. */
const distinctiveLength = 4

/**
 * Holds weakly if every effect has a key of its own, and `isAlone` says of keys that nothing else could have had them
 * either. Of fewer than two effects nothing is known.
 */
export function holdsByKey<K extends Key>(
  effects: ReadonlyMap<K, readonly Observed[]>,
  isAlone: (keys: readonly K[]) => boolean,
  text: string,
): Verdict {
  if (Array.from(effects.values()).some(({ length }) => length > 1)) return holds
  if (effects.size < 2) return weakly('')
  return isAlone([...effects.keys()]) ? weakly(text) : holds
}

/** How many invocations of a history ask for a key: a value of their input is the key, a part of it, or contains it. */
export function askingFor({ events }: History): (key: Key) => number {
  const inputs = events.flatMap((event) => (event.kind === 'invoke' ? [textsIn(event.input)] : []))
  return (key) => inputs.filter((texts) => texts.some((text) => isAbout(String(key), text))).length
}

function isAbout(key: string, text: string): boolean {
  if (key === text) return true
  return (
    (text.length >= distinctiveLength && key.includes(text)) || (key.length >= distinctiveLength && text.includes(key))
  )
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'object' && value !== null)
    return (value instanceof Map ? [...value].flat() : Object.values(value)).flatMap(textsIn)
  if (typeof value === 'string') return value === '' ? [] : [value]
  return typeof value === 'number' || typeof value === 'bigint' ? [String(value)] : []
}
