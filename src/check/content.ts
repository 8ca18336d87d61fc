// Content: a text that is the same for equal plain values, and numbers for values by content. States and acts are
// compared by these. Knows values only.
import { canonical, encodeValue } from '../plain/value.ts'

/**
 * Whether two plain values have equal content, in any order of keys. 0 equals -0, since JSON cannot tell them apart.
 */
export function alike(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b) || (typeof a === 'object' && typeof b === 'object' && contentOf(a) === contentOf(b))
}

/**
 * A function that says whether a value is not {@link alike} the expected one. The content of the expected value is
 * computed only once, as many values are compared with it.
 */
export function unlike(expected: unknown): (value: unknown) => boolean {
  let content: string | undefined
  return (value) =>
    !Object.is(value, expected) &&
    (typeof value !== 'object' ||
      typeof expected !== 'object' ||
      contentOf(value) !== (content ??= contentOf(expected)))
}

/** A text that is the same for equal values, whatever the order of keys in records, and of items in sets and maps. */
export function contentOf(value: unknown): string {
  if (typeof value === 'string') return `${value.length}"${value}` // the length shows where the text ends
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return String(value)
  if (Array.isArray(value)) return `[${value.map(contentOf).join(',')}]` // holes count as undefined
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

/** A Map key that is equal for equal plain values: a number or boolean itself, anything else by its content. */
export function identityOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? `content ${contentOf(value)}`
    : typeof value === 'string'
      ? `text ${value}`
      : value
}

/** Numbers values from 0 in order of appearance; values with equal content get the same number. */
export class Interned<T = unknown> {
  readonly values: T[] = []
  /** A rough estimate of the memory that the values take. */
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
