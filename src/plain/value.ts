// Values as JSON and back. Workload inputs and effects hold what arbitraries make, which is more than JSON can express.
// Knows nothing of scenarios. A value that cannot be written is the caller's mistake and throws at once.

/**
 * A value as JSON. What JSON lacks is written as an object with one `$` key: `$undefined`, `$bigint`, `$number` (NaN,
 * infinities, -0), `$date`, `$bytes` and `$buffer` (base64), `$map`, `$set`, `$hole` (in a sparse array); a user's own
 * key that begins with `$` gains one more `$`. An object without prototype is read back with the usual one.
 *
 * @param path where the value stands, for errors
 * @throws where the value holds a function, a symbol, a cycle or an instance of a class.
 */
export function encodeValue(value: unknown, path = ''): unknown {
  return encode(value, path, 0)
}

const mostLevels = 200

function encode(value: unknown, path: string, depth: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: numberText(value) }
  if (value === undefined) return { $undefined: true }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (depth > mostLevels) throw unwritable(path, 'a cycle or a value deeper than 200 levels')
  if (typeof value === 'object') return encodeObject(value, path, depth + 1)
  throw unwritable(path, `a ${typeof value}`)
}

function encodeObject(value: object, path: string, depth: number): unknown {
  if (Array.isArray(value)) return encodeItems(value, path, depth)
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() }
  if (value instanceof Uint8Array) return { [Buffer.isBuffer(value) ? '$buffer' : '$bytes']: toBase64(value) }
  if (value instanceof Map) return { $map: encode([...value], path, depth) }
  if (value instanceof Set) return { $set: encode([...value], path, depth) }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    throw unwritable(
      path,
      `an instance of ${typeof value.constructor === 'function' ? value.constructor.name : 'a class'}`,
    )
  }
  return encodeRecord(value, path, depth)
}

/** `map` keeps holes, and no written item is undefined: whatever is undefined afterwards is a hole. */
function encodeItems(items: readonly unknown[], path: string, depth: number): readonly unknown[] {
  const written = items.map((item, index) => encode(item, `${path}[${index}]`, depth))
  return written.includes(undefined)
    ? Array.from(written, (item) => (item === undefined ? { $hole: true } : item))
    : written
}

function encodeRecord(value: object, path: string, depth: number): Record<string, unknown> {
  const written: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    define(written, key.startsWith('$') ? `$${key}` : key, encode(item, `${path}.${key}`, depth))
  }
  return written
}

/** Sets a property; `__proto__` is a name like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function unwritable(path: string, found: string): Error {
  return new Error(
    `A value of the scenario cannot be saved: ${path === '' ? 'it' : path.replace(/^\./, '')} is ${found}. ` +
      'Generate plain data (objects, arrays, strings, numbers, bigint, Date, Uint8Array, Map, Set) and build ' +
      'instances inside the operation.',
  )
}

/**
 * The value that {@link encodeValue} wrote.
 *
 * @param path where the value stands, for errors
 * @throws where a `$` key is unknown or does not hold what encodeValue writes there
 */
export function decodeValue(json: unknown, path = ''): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return decodeItems(json, path)
  const entries = Object.entries(json)
  const special = entries.find(([key]) => key.startsWith('$') && !key.startsWith('$$'))
  if (special !== undefined) {
    if (entries.length > 1)
      throw unreadable(
        path,
        `"${special[0]}" beside other keys`,
        'it has to be the only key; a key of your own is written "$$…"',
      )
    return decodeSpecial(special[0], special[1], path)
  }
  const value: Record<string, unknown> = {}
  for (const [key, item] of entries)
    define(value, key.startsWith('$$') ? key.slice(1) : key, decodeValue(item, `${path}.${key}`))
  return value
}

function decodeItems(json: readonly unknown[], path: string): unknown[] {
  const items: unknown[] = []
  items.length = json.length
  for (const [index, item] of json.entries()) {
    if (!isHole(item)) items[index] = decodeValue(item, `${path}[${index}]`)
  }
  return items
}

function isHole(json: unknown): boolean {
  return (
    typeof json === 'object' &&
    json !== null &&
    '$hole' in json &&
    json.$hole === true &&
    Object.keys(json).length === 1
  )
}

const specialNumbers: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])

function decodeSpecial(kind: string, json: unknown, path: string): unknown {
  switch (kind) {
    case '$undefined':
      if (json === true) return undefined
      throw unreadable(path, `{ $undefined: ${JSON.stringify(json)} }`, 'write true')
    case '$bigint':
      if (typeof json === 'string' && /^-?\d+$/.test(json)) return BigInt(json)
      throw unreadable(path, `{ $bigint: ${JSON.stringify(json)} }`, 'write its digits as a text')
    case '$number': {
      const number = specialNumbers.get(json)
      if (number !== undefined) return number
      throw unreadable(
        path,
        `{ $number: ${JSON.stringify(json)} }`,
        `write one of ${[...specialNumbers.keys()].map((text) => `"${String(text)}"`).join(', ')}`,
      )
    }
    case '$date':
      return decodeDate(json, path)
    case '$bytes':
      return new Uint8Array(decodeBase64(json, path))
    case '$buffer':
      return decodeBase64(json, path)
    case '$map':
      return decodeMap(json, path)
    case '$set':
      if (Array.isArray(json)) return new Set(decodeItems(json, path))
      throw unreadable(path, '$set without a list', 'write its items as a list')
    case '$hole':
      throw unreadable(path, '$hole outside a list', 'write it as { "$hole": true } in a list')
    default:
      throw unreadable(
        path,
        `an unknown kind of value "${kind}"`,
        'if a newer two-generals wrote it, update; a key of your own is written "$$…"',
      )
  }
}

function decodeDate(json: unknown, path: string): Date {
  const date = new Date(typeof json === 'string' ? json : Number.NaN)
  if (json !== null && (Number.isNaN(date.getTime()) || date.toISOString() !== json)) {
    throw unreadable(
      path,
      `{ $date: ${JSON.stringify(json)} }`,
      'write it like "2026-01-01T00:00:00.000Z", or null for an invalid date',
    )
  }
  return date
}

function decodeBase64(json: unknown, path: string): Buffer {
  const bytes = Buffer.from(String(json), 'base64')
  if (bytes.toString('base64') !== json)
    throw unreadable(path, 'bytes that are not base64', 'write them as base64 with padding')
  return bytes
}

function decodeMap(json: unknown, path: string): Map<unknown, unknown> {
  const isPair = (item: unknown): boolean => Array.isArray(item) && item.length === 2
  if (!Array.isArray(json) || !json.every(isPair))
    throw unreadable(path, '$map without a list of pairs', 'write it as [[key, value], ...]')
  return new Map(decodeItems(json, path) as [unknown, unknown][]) // just tested
}

function unreadable(path: string, found: string, advice: string): Error {
  return new Error(`${path === '' ? 'A saved value' : path.replace(/^\./, '')} is ${found}; ${advice}.`)
}

/** Whether two values have equal JSON, whatever the order of their keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || canonical(encodeValue(a)) === canonical(encodeValue(b))
}

/** JSON as text, the same for equal values whatever the order of their keys. */
export function canonical(json: unknown): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json))
    return `[${Array.from(json, (item: unknown) => (item === undefined ? 'null' : canonical(item))).join(',')}]`
  return canonicalRecord(json as Readonly<Record<string, unknown>>) // no primitive and no list: what JSON is else
}

function canonicalRecord(json: Readonly<Record<string, unknown>>): string {
  let text = ''
  for (const key of inOneOrder(Object.keys(json))) {
    if (json[key] !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(json[key])}`
  }
  return `{${text}}`
}

/** Sorted; as in any JavaScript object, keys that are array indices come first, in the order of their numbers. */
function inOneOrder(keys: string[]): readonly string[] {
  if (keys.length < 2) return keys
  const sorted = keys.sort()
  return sorted.some(countsPlaces) ? Object.keys(Object.fromEntries(sorted.map((key) => [key, true]))) : sorted
}

function countsPlaces(key: string): boolean {
  return key >= '0' && key < ':'
}
