// Reads EDN, as far as Clojure uses it for recorded histories, into plain values with their lines. Must not know
// histories. https://github.com/edn-format/edn
import { ended } from '../plain/ended.ts'

/** A top-level value of the text, with the line on which it begins, from 1. */
export interface Form {
  readonly line: number
  readonly value: unknown
}

/** Converts a tag and the value after it. */
export type ReadTag = (tag: string, value: unknown) => unknown

/**
 * The values of an EDN text. Keywords, symbols and characters are strings (`:ok` is "ok"); lists and vectors are
 * arrays; sets are Sets; a map is an object if its keys can be property names, otherwise a Map; integers that a number
 * cannot hold are bigint. `#object[class 0xhash text]`, which Clojure prints for values without an EDN form, is an
 * array.
 *
 * @param firstLine the number of the line on which the text begins; it counts in the lines of values and errors
 * @throws where the text is not EDN, with the line
 */
export function ednForms(text: string, firstLine = 1): readonly Form[] {
  const reader: Reader = { text, at: 0, line: firstLine, readTag: (_, value) => value, isObject: false }
  const forms: Form[] = []
  while (skipBlank(reader, 0)) forms.push(readForm(reader, 0))
  return forms
}

/**
 * The values of an EDN text, each with its line. A list or vector at the top level is replaced by its elements.
 *
 * @param readTag converts a tagged literal
 * @throws where the text is not EDN, with the line
 */
export function* ednElements(text: string, readTag: ReadTag): Generator<Form, void> {
  const reader: Reader = { text, at: 0, line: 1, readTag, isObject: false }
  while (skipBlank(reader, 0)) {
    const open = reader.text[reader.at]
    if (open !== '[' && open !== '(') yield readForm(reader, 0)
    else yield* readItems(reader, open === '[' ? ']' : ')', 0)
  }
}

interface Reader {
  readonly text: string
  readonly readTag: ReadTag
  at: number
  line: number
  /** Whether the reader is inside `#object[...]`, which contains a bare hash such as 0x1f2e. */
  isObject: boolean
}

/** The parser is recursive, and no real history has deeper values. */
const deepest = 200
const token = /[^\s,()[\]{}";]*/y
const blank = /[\s,]+|;[^\n]*/y

/** Skips to the next value; false if there is none. Comments and discarded forms count as blank. */
function skipBlank(reader: Reader, depth: number): boolean {
  for (;;) {
    const skipped = take(reader, blank)
    if (skipped !== '') continue
    if (!reader.text.startsWith('#_', reader.at)) return reader.at < reader.text.length
    reader.at += 2
    nextValue(reader, depth, '#_')
  }
}

function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at
  const [found = ''] = pattern.exec(reader.text) ?? []
  for (let end = found.indexOf('\n'); end >= 0; end = found.indexOf('\n', end + 1)) reader.line += 1
  reader.at += found.length
  return found
}

function nextValue(reader: Reader, depth: number, after: string): unknown {
  assertShallow(reader, depth)
  if (!skipBlank(reader, depth + 1)) throw broken(reader, `nothing after ${after}`, 'is the file cut off?')
  return readValue(reader, depth + 1)
}

function readForm(reader: Reader, depth: number): Form {
  const { line } = reader
  return { line, value: readValue(reader, depth) }
}

function readValue(reader: Reader, depth: number): unknown {
  assertShallow(reader, depth)
  switch (reader.text[reader.at]) {
    case '(':
      return readValues(reader, ')', depth)
    case '[':
      return readValues(reader, ']', depth)
    case '{':
      return recordOf(reader, readValues(reader, '}', depth))
    case '"':
      return readText(reader)
    case '\\':
      return readCharacter(reader)
    case '#':
      return readDispatch(reader, depth)
    case ')':
    case ']':
    case '}':
      throw broken(reader, `a "${reader.text[reader.at]}" that closes nothing`, 'is the file whole?')
    default:
      return atom(reader, take(reader, token))
  }
}

function assertShallow(reader: Reader, depth: number): void {
  if (depth > deepest) throw broken(reader, `a value deeper than ${deepest} levels`, 'write it flatter')
}

function readValues(reader: Reader, close: string, depth: number): readonly unknown[] {
  const items: unknown[] = []
  const { line } = reader
  reader.at += 1
  while (skipBlank(reader, depth + 1) && reader.text[reader.at] !== close) items.push(readValue(reader, depth + 1))
  closeList(reader, close, line)
  return items
}

function* readItems(reader: Reader, close: string, depth: number): Generator<Form, void> {
  const { line } = reader
  reader.at += 1
  while (skipBlank(reader, depth + 1) && reader.text[reader.at] !== close) yield readForm(reader, depth + 1)
  closeList(reader, close, line)
}

function closeList(reader: Reader, close: string, line: number): void {
  if (reader.at >= reader.text.length)
    throw broken(
      { ...reader, line },
      `a "${close === ']' ? '[' : close === ')' ? '(' : '{'}" that is never closed`,
      'is the file cut off?',
    )
  reader.at += 1
}

function recordOf(reader: Reader, items: readonly unknown[]): unknown {
  if (items.length % 2 !== 0) throw broken(reader, 'a map with a key and no value', 'write keys and values in pairs')
  const record: Record<string, unknown> = {}
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index]
    const plain =
      (typeof key === 'string' || typeof key === 'number') && key !== '__proto__' && !Object.hasOwn(record, key)
    if (!plain) return mapOf(items)
    record[key] = items[index + 1]
  }
  return record
}

/** A map whose keys are neither strings nor numbers, or would be equal as property names. */
function mapOf(items: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  return new Map(Array.from({ length: items.length / 2 }, (_, index) => [items[2 * index], items[2 * index + 1]]))
}

const text = /"(?:[^"\\]|\\[\s\S])*"/y

function readText(reader: Reader): string {
  const written = take(reader, text)
  if (written === '') throw broken(reader, 'a text without its closing "', 'is the file cut off?')
  return written
    .slice(1, -1)
    .replaceAll(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, escaped: string) => unescaped(reader, escaped))
}

const escapes: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', b: '\b', f: '\f', '\\': '\\', '"': '"' }

function unescaped(reader: Reader, escaped: string): string {
  if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  const character = escapes[escaped]
  if (character === undefined)
    throw broken(reader, `the escape "\\${escaped}" in a text`, 'EDN has \\t \\r \\n \\b \\f \\\\ \\" and \\uXXXX')
  return character
}

const named: Readonly<Record<string, string>> = {
  newline: '\n',
  return: '\r',
  space: ' ',
  tab: '\t',
  formfeed: '\f',
  backspace: '\b',
}
const character = /\\(?:u[0-9a-fA-F]{4}|[a-z]+|[\s\S])/y

function readCharacter(reader: Reader): string {
  const name = take(reader, character).slice(1)
  if (name.length === 1) return name
  if (/^u[0-9a-fA-F]{4}$/.test(name)) return String.fromCharCode(Number.parseInt(name.slice(1), 16))
  const found = named[name]
  if (found === undefined)
    throw broken(
      reader,
      `the character "\\${name}"`,
      `EDN has ${Object.keys(named)
        .map((one) => `\\${one}`)
        .join(', ')}`,
    )
  return found
}

/** A value that begins with a hash: a set, a number without digits, or a tag with its value. */
function readDispatch(reader: Reader, depth: number): unknown {
  reader.at += 1
  if (reader.text[reader.at] === '{') return new Set(readValues(reader, '}', depth))
  const tag = take(reader, token)
  if (tag === '#Inf') return Infinity
  if (tag === '#-Inf') return -Infinity
  if (tag === '#NaN') return NaN
  if (!/^[a-zA-Z]/.test(tag)) throw broken(reader, `"#${tag}"`, 'EDN has sets #{...}, tags #name value, #_ and ##Inf')
  const outer = reader.isObject
  reader.isObject = tag === 'object'
  const value = nextValue(reader, depth, `#${tag}`)
  reader.isObject = outer
  return reader.readTag(tag, value)
}

function atom(reader: Reader, written: string): unknown {
  if (written === 'nil') return null
  if (written === 'true') return true
  if (written === 'false') return false
  if (/^:[^:\s]/.test(written)) return written.slice(1)
  if (reader.isObject && /^0x[0-9a-fA-F]+$/.test(written)) return written
  if (/^[+-]?\d/.test(written)) return numberOf(reader, written)
  if (/^[^\d:^@`~'\\#]/.test(written)) return written
  throw broken(reader, `"${written === '' ? (reader.text[reader.at] ?? '') : written}"`, 'EDN has no such value')
}

function numberOf(reader: Reader, written: string): number | bigint {
  if (/^[+-]?\d+N?$/.test(written)) {
    const whole = Number(written.replace('N', ''))
    return Number.isSafeInteger(whole) ? whole : BigInt(written.replace(/^\+/, '').replace('N', ''))
  }
  if (/^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?M?$/.test(written)) return Number(written.replace('M', ''))
  const [, above, below] = /^([+-]?\d+)\/(\d+)$/.exec(written) ?? []
  if (above !== undefined) return Number(above) / Number(below)
  throw broken(reader, `the number "${written}"`, 'write it in decimal digits')
}

function broken({ line }: Reader, found: string, advice: string): Error {
  return new Error(`Line ${line}: ${found}, where EDN was expected; ${ended(advice)}`)
}
