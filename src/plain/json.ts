// Reads JSON strictly, whatever it holds: each error states where, what was found and what to do. Writes JSON for
// people and version control. Must not know what is read.
import { ended } from './ended.ts'
import { mostSimilar } from './suggestion.ts'

/** A value of a document and its place there: `plan.faults[0].byMs`. */
export interface Spot {
  /** Undefined where an optional field is absent. */
  readonly json: unknown
  readonly path: string
  /** How errors begin: `Cannot read order.json`. */
  readonly doing: string
}

/** @throws where the document is of another format, or was written by a newer version than `newest` */
export function checkFormat(spot: Spot, format: string, newest: number): void {
  const found = member(spot, 'format')
  if (found.json !== format) throw unexpectedJson(found, `"${format}": is this another kind of file?`)
  const number = member(spot, 'version')
  if (typeof number.json === 'number' && Number.isInteger(number.json) && number.json > newest) {
    throw new Error(
      `${spot.doing}: it was written by a newer two-generals: ${number.path} is ${number.json}, this one reads ` +
        `${newest}. ` +
        'Update two-generals.',
    )
  }
  readWhole(number, 1)
}

/**
 * Opens an object that has these fields and no others.
 *
 * @returns each field by name
 */
export function fieldsOf(
  spot: Spot,
  required: readonly string[],
  optional: readonly string[] = [],
  what = 'this place',
): (name: string) => Spot {
  const record = readRecord(spot)
  const known = [...required, ...optional]
  const missing = required.find((name) => !Object.hasOwn(record, name))
  const extra = Object.keys(record).find((name) => !known.includes(name))
  if (extra !== undefined) {
    throw jsonProblem(
      member(spot, extra),
      `is an unknown field: ${what} has ${known.join(', ')}`,
      `${didYouMean(extra, known)}Correct or remove it; if a newer two-generals wrote it, update.`,
    )
  }
  if (missing !== undefined)
    throw jsonProblem(member(spot, missing), `is missing: ${what} has ${required.join(', ')}`, 'Add it.')
  return (name) => member(spot, name)
}

export function member(spot: Spot, name: string): Spot {
  const record = readRecord(spot)
  const json = Object.hasOwn(record, name) ? record[name] : undefined
  const step = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)
    ? `${spot.path === '' ? '' : '.'}${name}`
    : `[${JSON.stringify(name)}]`
  return { json, path: `${spot.path}${step}`, doing: spot.doing }
}

export function readRecord(spot: Spot): Record<string, unknown> {
  const { json } = spot
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw unexpectedJson(spot, 'an object { ... }')
  return json as Record<string, unknown> // just tested
}

export function readList<T>(spot: Spot, read: (item: Spot) => T): readonly T[] {
  if (!Array.isArray(spot.json)) throw unexpectedJson(spot, 'a list [ ... ]')
  return spot.json.map((json: unknown, index) => read({ json, path: `${spot.path}[${index}]`, doing: spot.doing }))
}

/** A text, by default not an empty one. */
export function readText(spot: Spot, mayBeEmpty = false): string {
  if (typeof spot.json === 'string' && (spot.json !== '' || mayBeEmpty)) return spot.json
  throw unexpectedJson(spot, mayBeEmpty ? 'a text' : 'a text that is not empty')
}

export function readWhole(spot: Spot, min?: number): number {
  if (typeof spot.json === 'number' && Number.isSafeInteger(spot.json) && spot.json >= (min ?? -Infinity))
    return spot.json
  throw unexpectedJson(spot, `a whole number${min === undefined ? '' : ` from ${min}`}`)
}

export function readNumber(spot: Spot, what: string, min: number = -Infinity, max: number = Infinity): number {
  const { json } = spot
  if (typeof json === 'number' && Number.isFinite(json) && json >= min && json <= max) return json
  const range = `${min === -Infinity ? '' : ` from ${min}`}${max === Infinity ? '' : ` to ${max}`}`
  throw unexpectedJson(spot, `${what}: a finite number${range}`)
}

export function readChoice<T extends string | number>(spot: Spot, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === spot.json)
  if (found !== undefined) return found
  throw jsonProblem(
    spot,
    spot.json === undefined ? 'is missing' : `is ${shownJson(spot.json)}`,
    `Expected one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}. ` +
      (typeof spot.json === 'string' ? didYouMean(spot.json, choices.map(String)) : '') +
      'If a newer two-generals wrote it, update.',
  )
}

export function unexpectedJson(spot: Spot, expected: string): Error {
  return jsonProblem(
    spot,
    spot.json === undefined ? 'is missing' : `is ${shownJson(spot.json)}`,
    `Expected ${ended(expected)}`,
  )
}

export function jsonProblem(spot: Spot, found: string, advice: string): Error {
  return new Error(`${spot.doing}: ${spot.path === '' ? 'it' : spot.path} ${found}. ${advice}`)
}

export function shownJson(json: unknown): string {
  if (typeof json === 'number' || typeof json === 'bigint') return String(json)
  const text: unknown = JSON.stringify(json) // undefined for a function
  if (typeof text !== 'string') return `a ${typeof json}`
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

export function didYouMean(name: string, known: readonly string[]): string {
  const near = mostSimilar(name, known)
  return near === undefined ? '' : `Did you mean "${near}"? `
}

const lineWidth = 80

/**
 * JSON for people and version control: each value that fits stands on one line. Equal JSON gives equal bytes. The text
 * ends with a newline.
 */
export function jsonText(json: unknown): string {
  return `${layout(json, '', 0)}\n`
}

/** `taken`: the width that the key before it and the comma behind it need on the line. */
function layout(json: unknown, indent: string, taken: number): string {
  const line = oneLine(json)
  if (typeof json !== 'object' || json === null || indent.length + taken + line.length <= lineWidth) return line
  const inner = `${indent}  `
  const items = Array.isArray(json)
    ? json.map((item: unknown) => `${inner}${layout(item, inner, 1)}`)
    : Object.entries(json).map(
        ([key, item]) => `${inner}${JSON.stringify(key)}: ${layout(item, inner, key.length + 5)}`,
      )
  const [open, close] = Array.isArray(json) ? ['[', ']'] : ['{', '}']
  return `${open}\n${items.join(',\n')}\n${indent}${close}`
}

function oneLine(json: unknown): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  if (Array.isArray(json)) return `[${json.map(oneLine).join(', ')}]`
  const items = Object.entries(json).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`)
  return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`
}
