// Recorded lines: the data that every format of a recorded history has on a line, and the checks of a line. Knows
// Jepsen's words (process, type, f, value); must not know how a line was written.
import { suggestion } from '../plain/suggestion.ts'
import { shownText } from './shown.ts'

/** One line (or form) as it was read; nothing in it is checked. */
export interface RecordedLine {
  /** Its number in the file, from 1. */
  readonly line: number
  readonly process?: unknown
  readonly type?: unknown
  readonly f?: unknown
  /** Undefined if it is missing; `null` means nothing. */
  readonly value?: unknown
  readonly key?: unknown
  /** In nanoseconds. */
  readonly time?: unknown
  readonly index?: unknown
  readonly error?: unknown
}

/** A line that is not an operation of a client; its text is kept as a note. */
export interface Remark {
  readonly line: number
  readonly remark: string
}

/** The beginning or end of an operation, checked. */
export interface RecordedStep {
  readonly line: number
  readonly process: string | number
  readonly type: 'invoke' | 'ok' | 'fail' | 'info'
  readonly f: string
  /** Undefined if it is missing. */
  readonly value: unknown
  readonly key?: string | number
  readonly atMs: number
  readonly error?: unknown
}

/** The line and time of an operation. */
export interface Moment {
  readonly line: number
  readonly atMs: number
  readonly index: number | undefined
  /** The recorded time, in nanoseconds. Undefined without times. */
  readonly time: number | bigint | undefined
}

/**
 * The operation that a line begins or ends.
 *
 * @param open the open operation of the process, if there is one: a completion may leave out its name
 * @throws if a field is missing or invalid
 */
export function stepOf(
  { line, process, type, f, value, key, error }: RecordedLine,
  atMs: number,
  open: RecordedStep | undefined,
): RecordedStep {
  const known = types.find((one) => one === type)
  if (known === undefined) {
    if (typeof type === 'string')
      throw new Error(`Line ${line}: the type "${type}" is unknown${suggestion(type, types)}`)
    throw missing(line, 'type', type, `one of ${types.join(', ')}`)
  }
  const name = operationName(f, value, known === 'invoke' ? undefined : open)
  if (name === undefined)
    throw missing(line, 'f', f, 'what is done: read, write, cas; only transactions of micro-operations need none')
  return {
    line,
    process: processOf(line, process),
    type: known,
    f: name,
    value,
    atMs,
    ...(key === undefined || key === null ? {} : { key: keyOf(line, key) }),
    ...(error === undefined || error === null ? {} : { error }),
  }
}

export function processOf(line: number, process: unknown): string | number {
  if (isWhole(process) || (typeof process === 'string' && process !== '')) return process
  throw missing(line, 'process', process, 'who acts: a whole number or a name')
}

/**
 * The name of an operation. A completion ends the open operation; a list of micro-operations without a name is a
 * transaction, as Elle writes it.
 */
function operationName(f: unknown, value: unknown, open: RecordedStep | undefined): string | undefined {
  if (typeof f === 'string' && f !== '') return f
  if (f !== undefined && f !== null) return undefined
  return open?.f ?? (isMicroOps(value) ? 'txn' : undefined)
}

function isMicroOps(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one: unknown) => Array.isArray(one) && /^(?:r|w|append|read|write)$/.test(String(one[0])))
  )
}

/** A key. An integer that a number cannot hold becomes a string, since keys are only compared. */
function keyOf(line: number, key: unknown): string | number {
  if (typeof key === 'bigint') return String(key)
  if (typeof key === 'string' || typeof key === 'number') return key
  throw missing(line, 'key', key, 'a text or a number')
}

const types = ['invoke', 'ok', 'fail', 'info'] as const

/** The moment of a line. Without a time, the index (or the position) is the time. */
export function momentOf({ line, time, index }: RecordedLine, place: number, before?: Moment): Moment {
  if (index !== undefined && !isWhole(index))
    throw wrong(
      line,
      `"index" is ${typeof index === 'string' ? JSON.stringify(index) : shownText(index)}`,
      'write a whole number from 0, or leave it out everywhere',
    )
  if (before?.index !== undefined && index !== undefined && index <= before.index) {
    throw wrong(
      line,
      `index ${index} stands after index ${before.index} (line ${before.line})`,
      'sort the lines by index',
    )
  }
  const ns = time === undefined || time === null ? undefined : time
  if (before !== undefined && (before.time === undefined) !== (ns === undefined)) {
    throw wrong(
      line,
      `${ns === undefined ? 'no "time"' : 'a "time"'}, unlike line ${before.line}`,
      'write the time (nanoseconds) on every line, or on none',
    )
  }
  if (ns !== undefined && typeof ns !== 'bigint' && !(typeof ns === 'number' && Number.isFinite(ns)))
    throw wrong(
      line,
      `"time" is ${typeof time === 'string' ? JSON.stringify(time) : shownText(time)}`,
      'write nanoseconds as a number',
    )
  return { line, atMs: ns === undefined ? (index ?? place) : Number(ns) / 1e6, index, time: ns }
}

/** The names of operations that only read. */
const reading: ReadonlySet<string> = new Set(['read', 'r', 'get'])

/**
 * Whether the whole answer of an ok completion is known. If nil is unknown, it is not for a read that was answered nil,
 * or a transaction with such a read.
 */
export function isAnswered(f: string, value: unknown, nilUnknown: boolean): boolean {
  if (!nilUnknown) return true
  if (value === undefined || value === null) return !reading.has(f)
  // the cast holds: it was just tested
  return !isMicroOps(value) || !(value as readonly (readonly unknown[])[]).some(isNilRead)
}

function isNilRead([f, , value]: readonly unknown[]): boolean {
  return (f === 'r' || f === 'read') && (value === undefined || value === null)
}

export function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

export function missing(line: number, field: string, found: unknown, advice: string): Error {
  return wrong(line, found === undefined ? `no "${field}"` : `"${field}" is ${shownText(found)}`, `write ${advice}`)
}

/** An error that says what was found on a line, and what to do. */
export function wrong(line: number, found: string, advice: string): Error {
  return new Error(`Line ${line}: ${found}; ${advice}${advice.endsWith('?') ? '' : '.'}`)
}
