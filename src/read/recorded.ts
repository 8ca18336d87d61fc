// Recorded lines: what every format of a recorded history says, line by line, and what a line has to have. Knows
// Jepsen's words (process, type, f, value); must not know how a line was written.
import { suggestion } from '../plain/suggestion.ts'
import { shownText } from './shown.ts'

/** One line (or form) as it was found; nothing in it is checked. */
export interface RecordedLine {
  /** In the file, from 1. */
  readonly line: number
  readonly process?: unknown
  readonly type?: unknown
  readonly f?: unknown
  /** Undefined: not written. Nothing is `null`. */
  readonly value?: unknown
  readonly key?: unknown
  /** Nanoseconds. */
  readonly time?: unknown
  readonly index?: unknown
  readonly error?: unknown
}

/** A line that is no operation of a client's: what it says is kept as a note. */
export interface Remark {
  readonly line: number
  readonly remark: string
}

/** An operation with all that it has to have. */
export interface Step {
  readonly line: number
  readonly process: string | number
  readonly type: 'invoke' | 'ok' | 'fail' | 'info'
  readonly f: string
  readonly value: unknown
  readonly key?: string | number
  readonly atMs: number
  readonly error?: unknown
}

/** Where the last operation stood in time. */
export interface Moment {
  readonly line: number
  readonly atMs: number
  readonly index: number | undefined
  readonly timed: boolean
}

/**
 * The operation that a line begins or ends.
 *
 * @throws where a field is missing or is not what it has to be
 */
export function stepOf({ line, process, type, f, value, key, error }: RecordedLine, atMs: number): Step {
  if (!isWhole(process) && !(typeof process === 'string' && process !== ''))
    throw missing(line, 'process', process, 'who acts: a whole number or a name')
  const known = types.find((one) => one === type)
  if (known === undefined) {
    if (typeof type === 'string')
      throw new Error(`Line ${line}: the type "${type}" is unknown${suggestion(type, types)}`)
    throw missing(line, 'type', type, `one of ${types.join(', ')}`)
  }
  if (typeof f !== 'string' || f === '') throw missing(line, 'f', f, 'what is done: read, write, cas')
  if (value === undefined && known === 'invoke')
    throw missing(line, 'value', value, 'what is asked, null where there is nothing')
  if (key !== undefined && key !== null && typeof key !== 'string' && typeof key !== 'number')
    throw missing(line, 'key', key, 'a text or a number')
  return {
    line,
    process,
    type: known,
    f,
    value: value ?? null,
    atMs,
    ...(key === undefined || key === null ? {} : { key }),
    ...(error === undefined || error === null ? {} : { error }),
  }
}

const types = ['invoke', 'ok', 'fail', 'info'] as const

/** Without a time, the index (or the place) is the time. */
export function momentOf({ line, time, index }: RecordedLine, place: number, before: Moment | undefined): Moment {
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
  const timed = time !== undefined && time !== null
  if (before !== undefined && before.timed !== timed) {
    throw wrong(
      line,
      `${timed ? 'a "time"' : 'no "time"'}, unlike line ${before.line}`,
      'write the time (nanoseconds) on every line, or on none',
    )
  }
  const ns = typeof time === 'bigint' ? Number(time) : time
  if (timed && !(typeof ns === 'number' && Number.isFinite(ns)))
    throw wrong(
      line,
      `"time" is ${typeof time === 'string' ? JSON.stringify(time) : shownText(time)}`,
      'write nanoseconds as a number',
    )
  return { line, atMs: typeof ns === 'number' ? ns / 1e6 : (index ?? place), index, timed }
}

export function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function missing(line: number, field: string, found: unknown, advice: string): Error {
  return wrong(line, found === undefined ? `no "${field}"` : `"${field}" is ${shownText(found)}`, `write ${advice}`)
}

/** What was found on a line, and what to do. */
export function wrong(line: number, found: string, advice: string): Error {
  return new Error(`Line ${line}: ${found}; ${advice}${advice.endsWith('?') ? '' : '.'}`)
}
