// Joins operations and effects by key: the types that make both sides agree, and the grouping at run time. Knows calls
// and effects; must not know what a checker expects of them.
import { effectsOf, type Key, type KeyedEffect, type Observed } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { KeyedOperation } from '../system/operation.ts'
import { callsOf, type Call } from './calls.ts'
import { shown } from './reason-words.ts'

/**
 * The type that the other side's key must have. Literal types widen (`'a' | 'b'` of `fc.constantFrom` agrees with a
 * plain `string`); branded ones do not, since a brand says what the key means.
 */
export type Agreeing<K extends Key> = K extends boolean
  ? boolean
  : K extends string
    ? IsLiteral<K> extends true
      ? string
      : K
    : K extends number
      ? IsLiteral<K> extends true
        ? number
        : K
      : K extends bigint
        ? bigint
        : never

/**
 * A record type with a literal key requires that property; a record type over `string`, `number` or a brand of them
 * does not.
 */
type IsLiteral<K extends string | number> = Record<never, never> extends Record<K, 1> ? false : true

/**
 * Effects by key, the keys in order of appearance.
 *
 * @param counts which effects @default all of them
 * @throws if a key is not a key
 */
export function effectsByKey<K extends Key>(
  history: History,
  effect: KeyedEffect<K>,
  counts?: (observed: Observed) => boolean,
): ReadonlyMap<K, readonly Observed[]> {
  const all = inOrder(effectsOf(history, effect.name))
  return Map.groupBy(counts === undefined ? all : all.filter(counts), ({ value }) => keyFor(effect, value))
}

/** Whether an effect happened in the history, rather than being a row that was there at its beginning. */
export function isNew({ wasThere }: Observed): boolean {
  return wasThere !== true
}

/** Calls by key, the keys in order of appearance. @throws if a key is not a key */
export function callsByKey<K extends Key>(
  history: History,
  operation: KeyedOperation<K>,
): ReadonlyMap<K, readonly Call[]> {
  return Map.groupBy(callsOf(history, operation.name), ({ invoke }) => keyFor(operation, invoke.input))
}

/**
 * Sorts effects by the event in which they happened. Effects that were read at the end, without an event, come last.
 */
export function inOrder(effects: readonly Observed[]): readonly Observed[] {
  return isInOrder(effects) ? effects : effects.toSorted((a, b) => momentOrder(a) - momentOrder(b))
}

/** Avoids the sort in the usual case: effects are already in order. */
function isInOrder(effects: readonly Observed[]): boolean {
  let latest = -1
  for (const effect of effects) {
    const moment = momentOrder(effect)
    if (moment < latest) return false
    latest = moment
  }
  return true
}

/** Finite rather than Infinity, so that the difference of two unknown moments is 0 and not NaN. */
function momentOrder({ event }: Observed): number {
  return event ?? Number.MAX_SAFE_INTEGER
}

/**
 * The key of a value. A value without a key can be neither counted nor ignored, so a missing key is an error of the
 * caller.
 *
 * @throws if the user's function throws or returns no key
 */
export function keyFor<K extends Key>(keyed: { readonly name: string; keyOf(value: unknown): K }, value: unknown): K {
  const key = called(keyed, value)
  if (isKey(key)) return key
  throw new Error(
    `${keyed.name}.by(...) gave ${shown(key)} for ${shown(value)}; give a string, number, bigint or boolean.`,
  )
}

function called<K extends Key>(keyed: { readonly name: string; keyOf(value: unknown): K }, value: unknown): K {
  try {
    return keyed.keyOf(value)
  } catch (error) {
    throw new Error(`${keyed.name}.by(...) threw ${String(error)} for ${shown(value)}; give a key for every value.`, {
      cause: error,
    })
  }
}

/** The type of `key` promises this, but values that were parsed from a body may break the promise. */
function isKey(key: unknown): boolean {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean'
}

/**
 * Refuses keys that can never be equal, such as the string "7" and the number 7, which `any` lets through. Their
 * effects would be reported as lost.
 *
 * @throws if both sides have keys, and no type of key in common
 */
export function assertKeysCanMeet(operation: KeySide, effect: KeySide): void {
  const [a] = operation.keys.keys()
  const [b] = effect.keys.keys()
  if (a === undefined || b === undefined || typeof a === typeof b) return // in nearly all histories
  const types = typesOf(operation)
  if (Array.from(typesOf(effect)).some((type) => types.has(type))) return
  throw new Error(
    `${operation.name}.by(...) gives the ${typeof a} ${shown(a)} and ${effect.name}.by(...) the ${typeof b} ` +
      `${shown(b)}, which can never be equal. Convert one of them, for example with String(...).`,
  )
}

interface KeySide {
  readonly name: string
  readonly keys: ReadonlyMap<Key, unknown>
}

function typesOf({ keys }: KeySide): Set<string> {
  return new Set(Array.from(keys.keys(), (key) => typeof key))
}
