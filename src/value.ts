// Values as JSON and back: workload inputs and effects hold what arbitraries make, which is more than JSON.
// Knows nothing of scenarios. A value that cannot be written is the caller's mistake, said at once.

/**
 * A value as JSON. What JSON lacks is written as an object with one `$` key: `$undefined`, `$bigint`, `$number` (NaN, infinities,
 * -0), `$date`, `$bytes` (base64), `$map`, `$set`; a user's own key that begins with `$` gains one more `$`.
 *
 * @throws where the value holds a function, a symbol, a cycle or an instance of a class.
 */
export function encodeValue(value: unknown): unknown {
  return encode(value, '', 0)
}

const deepest = 200

function encode(value: unknown, path: string, depth: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: numberText(value) }
  if (value === undefined) return { $undefined: true }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (depth > deepest) throw unwritable(path, 'a cycle or a value deeper than 200 levels')
  if (typeof value === 'object') return encodeObject(value, path, depth + 1)
  throw unwritable(path, `a ${typeof value}`)
}

function encodeObject(value: object, path: string, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item, index) => encode(item, `${path}[${index}]`, depth))
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() }
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) }
  if (value instanceof Map) return { $map: encode([...value], path, depth) }
  if (value instanceof Set) return { $set: encode([...value], path, depth) }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    throw unwritable(path, `an instance of ${value.constructor.name}`)
  }
  return encodeRecord(value, path, depth)
}

function encodeRecord(value: object, path: string, depth: number): Record<string, unknown> {
  const written: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    define(written, key.startsWith('$') ? `$${key}` : key, encode(item, `${path}.${key}`, depth))
  }
  return written
}

/** `__proto__` is a name like any other here. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function unwritable(path: string, found: string): Error {
  return new Error(`A value of the scenario cannot be saved: ${path === '' ? 'it' : `${path.replace(/^\./, '')}`} is ${found}. ` +
    'Generate plain data (objects, arrays, strings, numbers, bigint, Date, Uint8Array, Map, Set) and build instances inside the operation.')
}

/** The value that {@link encodeValue} wrote. @throws where a `$` key is unknown. */
export function decodeValue(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(decodeValue)
  const entries = Object.entries(json)
  const [first] = entries
  if (entries.length === 1 && first !== undefined && first[0].startsWith('$') && !first[0].startsWith('$$')) {
    return decodeSpecial(first[0], first[1])
  }
  const value: Record<string, unknown> = {}
  for (const [key, item] of entries) define(value, key.startsWith('$$') ? key.slice(1) : key, decodeValue(item))
  return value
}

function decodeSpecial(kind: string, json: unknown): unknown {
  switch (kind) {
    case '$undefined': return undefined
    case '$bigint': return BigInt(String(json))
    case '$number': return Number(json)
    case '$date': return new Date(json === null ? Number.NaN : String(json))
    case '$bytes': return Uint8Array.from(atob(String(json)), (char) => char.charCodeAt(0))
    case '$map': return new Map(decodeValue(json) as [unknown, unknown][]) // written by encodeObject from a Map's entries
    case '$set': return new Set(decodeValue(json) as unknown[]) // likewise from a Set's items
    default: throw new Error(`Unknown kind of value "${kind}": was it written by a newer two-generals?`)
  }
}

/** Whether two values are written alike, key order aside. */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || canonical(encodeValue(a)) === canonical(encodeValue(b))
}

/** One text for equal values, whatever the order of their keys. */
export function canonical(json: unknown): string {
  return JSON.stringify(json, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item)
}
