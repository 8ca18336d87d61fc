// Divergence: where two runs that ought to be equal first differ. Knows histories; must not know why they were run.
import { serialize } from 'node:v8'
import { encodeValue } from '../plain/value.ts'
import type { History, HistoryEvent } from './history.ts'
import { eventWords } from './event-words.ts'
import { eventLine } from './history-bytes.ts'

/** The first place where two histories differ. */
export interface Divergence {
  /**
   * `course`: other things happened. `values`: the same things happened, with other answers. `draws`: and with the same
   * answers, but other random numbers, for example because a pool of ids outlives a history.
   */
  readonly kind: 'course' | 'values' | 'draws'
  /** Position of the first event that differs. */
  readonly seq: number
  /** What happened there, in one line for people. */
  readonly first: string
  readonly second: string
  /** If the same thing happened: the field that differs, with both values. */
  readonly field?: { readonly name: string; readonly first: string; readonly second: string }
}

/** Where two histories first differ, with both events; undefined when their bytes are equal. */
export function divergence(a: History, b: History): Divergence | undefined {
  // Nearly always they are equal, which their copies show far sooner than their texts
  if (!serialize(a.events).equals(serialize(b.events))) {
    const course = firstDifferentEvent(a, b, courseLine)
    if (course !== undefined) return { kind: 'course', ...course }
    const values = firstDifferentEvent(a, b, eventLine)
    if (values !== undefined) return { kind: 'values', ...values }
  }
  const [first, second] = [JSON.stringify(a.draws ?? []), JSON.stringify(b.draws ?? [])]
  return first === second ? undefined : { kind: 'draws', seq: a.events.length, first, second }
}

function firstDifferentEvent(
  a: History,
  b: History,
  line: (event: HistoryEvent) => string,
): Omit<Divergence, 'kind'> | undefined {
  const length = Math.max(a.events.length, b.events.length)
  for (let seq = 0; seq < length; seq++) {
    const [one, other] = [a.events[seq], b.events[seq]]
    if (one !== undefined && other !== undefined && line(one) === line(other)) continue
    const field = one?.kind === other?.kind ? differentField(encodeValue(one), encodeValue(other)) : undefined
    if (field?.name.startsWith('address') === true) return { seq, first: wordsOf(one, a), second: wordsOf(other, b) }
    return { seq, first: wordsOf(one, a), second: wordsOf(other, b), ...(field === undefined ? {} : { field }) }
  }
  return undefined
}

function wordsOf(event: HistoryEvent | undefined, { events }: History): string {
  return event === undefined ? 'nothing: the history had ended' : eventWords(event, events)
}

/** Fields that differ only as a consequence of others. */
const consequences: ReadonlySet<string> = new Set(['seq', 'cause', 'request'])

/** The first field in which two values differ, by its path: `value.body`. */
function differentField(one: unknown, other: unknown, path = ''): Divergence['field'] {
  if (isObject(one) && isObject(other)) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => !consequences.has(name))
    for (const name of names) {
      const found = differentField(one[name], other[name], path === '' ? name : `${path}.${name}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  const [first, second] = [shown(one), shown(other)]
  return first === second ? undefined : { name: path, first, second }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

const longestValue = 100

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text
}

/** An event without the value that was answered or recorded, and without the ids that a tracer drew. */
function courseLine(event: HistoryEvent): string {
  if ('trace' in event) return eventLine({ ...event, trace: '' })
  return eventLine('value' in event ? { ...event, value: undefined } : event)
}
