// Finds class instances in a value, whose class, methods and private fields a copy would lose. Makes a copy to see what
// it keeps. Knows no stores.
import { copyOf, levelsCopied } from './copy.ts'

/** A part of a value whose copy has another class. */
export interface LostClass {
  /** The path to it inside the value: `.items[0].price`; empty for the value itself. */
  readonly path: string
  readonly className: string
}

/** The first part of a value that would lose its class in a copy; undefined if there is none. */
export function lostClass(value: unknown, depth = 0): LostClass | undefined {
  if (typeof value !== 'object' || value === null || depth > levelsCopied) return undefined // deeper may be a cycle
  if (Array.isArray(value)) return isNamed(value, 'Array') ? firstLost(value.entries(), inArray, depth) : lost(value)
  if (value instanceof Map) return isNamed(value, 'Map') ? firstLost(value, inMap, depth) : lost(value)
  if (value instanceof Set) return isNamed(value, 'Set') ? firstLost(value.entries(), inSet, depth) : lost(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null // of any realm
  return isPlain ? firstLost(Object.entries(value), inObject, depth) : isKept(value) ? undefined : lost(value)
}

function firstLost<K>(
  parts: Iterable<readonly [K, unknown]>,
  step: (key: K) => string,
  depth: number,
): LostClass | undefined {
  for (const [key, part] of parts) {
    const found = lostClass(part, depth + 1)
    if (found !== undefined) return { ...found, path: `${step(key)}${found.path}` }
  }
  return undefined
}

const inArray = (index: number): string => `[${index}]`
const inObject = (key: string): string => `.${key}`
const inMap = (key: unknown): string => `.get(${JSON.stringify(String(key))})`
const inSet = (): string => ', in an item'

/** Whether a copy keeps the class and the own properties, as for dates, bytes and errors. */
function isKept(value: object): boolean {
  try {
    const copy = copyOf(value)
    if (!isNamed(copy, nameOf(value)) || isNamed(copy, 'Object')) return false
    return ArrayBuffer.isView(value) || Object.keys(value).every((key) => Object.hasOwn(copy, key)) // an error's code
  } catch {
    return false // it holds something that cannot be copied, such as a function
  }
}

function lost(value: object): LostClass {
  return { path: '', className: nameOf(value) }
}

function isNamed(value: object, name: string): boolean {
  return nameOf(value) === name
}

function nameOf({ constructor }: object): string {
  return typeof constructor === 'function' ? constructor.name : ''
}
