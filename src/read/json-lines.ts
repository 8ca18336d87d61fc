// Reads JSON: `{"index", "process", "type", "f", "value", "key"?, "time"?, "error"?}` for each beginning or end of an
// operation; one on each line, or values that span lines, in an array or one after the other.
import { exactJson } from './exact-json.ts'
import { wrong, type RecordedLine } from './recorded.ts'
import { shownText } from './shown.ts'
import { linesOf, wholeText, type TextSource } from './text-lines.ts'

/**
 * The operations of a JSON text; empty lines are skipped.
 *
 * @throws if a line or an element is not a JSON object, with the line
 */
export function jsonLines(source: TextSource): Iterable<RecordedLine> {
  return {
    *[Symbol.iterator]() {
      for (const { line, object } of objectsOf(source, exactJson)) {
        const { process, type, f, value, key, time, index, error } = object
        yield { line, process, type, f, value, key, time, index, error }
      }
    },
  }
}

/** A JSON object, with the line on which it begins. */
export interface ObjectAt {
  readonly line: number
  readonly object: Readonly<Record<string, unknown>>
}

/** The JSON objects of a text. The first line decides whether each has a line of its own. */
export function* objectsOf(source: TextSource, parse: (text: string) => unknown): Generator<ObjectAt, void> {
  let isFirst = true
  for (const { line, text } of linesOf(source)) {
    if (text.trim() === '') continue
    if (isFirst && !isWhole(text, parse)) {
      yield* spanningLines(wholeText(source), parse)
      return
    }
    isFirst = false
    yield { line, object: objectOf(text, line, parse) }
  }
}

function isWhole(text: string, parse: (text: string) => unknown): boolean {
  if (text.trimStart().startsWith('[')) return false
  try {
    parse(text)
    return true
  } catch {
    return false // the error is found again later, with its line
  }
}

const blank = /\s*/y
const bracketOrQuote = /["{}[\]]/g
const closingQuote = /"(?:[^"\\]|\\.)*"/sy
/** An element of an array that is not an object, array or string. */
const word = /[^\s,\]]*/y

/** Objects that follow each other, or are elements of top-level arrays. */
function* spanningLines(text: string, parse: (text: string) => unknown): Generator<ObjectAt, void> {
  const place = { at: 0, line: 1 }
  let opened: number | undefined
  for (;;) {
    advance(text, place, endOf(blank, text, place.at))
    const next = text[place.at]
    if (next === undefined) break
    if (next === '[' && opened === undefined) opened = place.line
    else if (next === ']' && opened !== undefined) opened = undefined
    else if (next !== ',' || opened === undefined) {
      const { line } = place
      const end = elementEnd(text, place.at)
      yield { line, object: objectOf(text.slice(place.at, end), line, parse) }
      advance(text, place, end)
      continue
    }
    place.at += 1
  }
  if (opened !== undefined) throw wrong(opened, 'an array that is never closed', 'is the file cut off?')
}

function advance(text: string, place: { at: number; line: number }, to: number): void {
  for (let end = text.indexOf('\n', place.at); end >= 0 && end < to; end = text.indexOf('\n', end + 1)) place.line += 1
  place.at = to
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

/** The index where the value that begins here ends; the end of the text if it is never closed. */
function elementEnd(text: string, at: number): number {
  if (!/["{[]/.test(text[at] ?? '')) return Math.max(at + 1, endOf(word, text, at))
  let depth = 0
  bracketOrQuote.lastIndex = at
  for (let found = bracketOrQuote.exec(text); found !== null; found = bracketOrQuote.exec(text)) {
    const end = found[0] === '"' ? endOf(closingQuote, text, found.index) : found.index + 1
    if (found[0] === '"' && end === found.index) return text.length
    if (found[0] === '{' || found[0] === '[') depth += 1
    if (found[0] === '}' || found[0] === ']') depth -= 1
    if (depth <= 0) return end
    bracketOrQuote.lastIndex = end
  }
  return text.length
}

function objectOf(written: string, line: number, parse: (text: string) => unknown): Readonly<Record<string, unknown>> {
  const json = parsed(written, line, parse)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw wrong(
      line,
      `${shownText(json)} is no JSON object`,
      'write one object with process, type, f and value a line, or an array of them',
    )
  }
  return json as Record<string, unknown> // the cast holds: it was just tested
}

function parsed(written: string, line: number, parse: (text: string) => unknown): unknown {
  try {
    return parse(written)
  } catch (error) {
    throw new Error(
      `Line ${line}: ${shownText(written.trim())} is not JSON ` +
        `(${error instanceof Error ? error.message : String(error)}); ` +
        'write one JSON object a line, or an array of them. Is the file cut off?',
      { cause: error },
    )
  }
}
