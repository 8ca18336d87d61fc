// Content: one text for plain values that are equal, and numbers for values by content. What states and acts are
// compared by. Knows values only.
import { canonical, encodeValue } from '../plain/value.ts'

/** Whether two plain values are equal in content, key order aside. 0 and -0 are: JSON knows one of them only. */
export function alike(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b) || (typeof a === 'object' && typeof b === 'object' && contentOf(a) === contentOf(b))
}

/** Whether values are not {@link alike} one that many are compared with: its content is written once. */
export function unlike(expected: unknown): (value: unknown) => boolean {
  let content: string | undefined
  return (value) =>
    !Object.is(value, expected) &&
    (typeof value !== 'object' ||
      typeof expected !== 'object' ||
      contentOf(value) !== (content ??= contentOf(expected)))
}

/**
 * One text for equal values: records whatever the order of their keys, sets and maps whatever the order of their items.
 */
export function contentOf(value: unknown): string {
  if (typeof value === 'string') return `${value.length}"${value}` // its length says where it ends
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return String(value)
  if (Array.isArray(value)) return `[${value.map(contentOf).join(',')}]` // holes are as undefined
  if (value instanceof Set) return `Set${unordered(value)}`
  if (value instanceof Map) return `Map${unordered(value)}`
  return isRecord(value) ? recordContent(value) : canonical(encodeValue(value))
}

function unordered(items: Iterable<unknown>): string {
  return `{${Array.from(items, contentOf).sort().join(',')}}`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null // arbitraries make records without a prototype
}

function recordContent(value: Readonly<Record<string, unknown>>): string {
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${contentOf(key)}:${contentOf(value[key])}`)
    .join(',')}}`
}

/** What a Map can use to distinguish plain values: primitives themselves, other values by their content. */
export function identityOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? `content ${contentOf(value)}`
    : typeof value === 'string'
      ? `text ${value}`
      : value
}

/** Numbers values from 0 in order of appearance: equal content, equal number. */
export class Interned<T = unknown> {
  readonly values: T[] = []
  /** About how much memory the values take. */
  bytes = 0
  readonly #primitives = new Map<unknown, number>()
  readonly #contents = new Map<string, number>()

  idOf(value: T): number {
    return typeof value === 'object' && value !== null
      ? this.#number(this.#contents, contentOf(value), value)
      : this.#number(this.#primitives, value, value)
  }

  #number<K>(ids: Map<K, number>, key: K, value: T): number {
    const known = ids.get(key)
    if (known !== undefined) return known
    const id = this.values.length
    ids.set(key, id)
    this.values.push(value)
    this.bytes += bytesOf(key)
    return id
  }
}

const bytesAnEntry = 64

function bytesOf(key: unknown): number {
  return bytesAnEntry + (typeof key === 'string' ? 4 * key.length : 0)
}
