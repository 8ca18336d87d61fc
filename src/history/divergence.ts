// Divergence: where two runs that ought to be equal first differ. Knows histories; must not know why they were run.
import type { History, HistoryEvent } from './history.ts'
import { eventLine } from './history-bytes.ts'

/** The first place where two histories differ. */
export interface Divergence {
  /**
   * `course`: other things happened. `values`: the same things happened, with other answers or random numbers, for
   * example because a pool of ids outlives a history.
   */
  readonly kind: 'course' | 'values'
  /** Position of the first event that differs. */
  readonly seq: number
  readonly first: string
  readonly second: string
}

/** Where two histories first differ, with both events; undefined when their bytes are equal. */
export function divergence(a: History, b: History): Divergence | undefined {
  const course = firstDifferentEvent(a, b, courseLine)
  if (course !== undefined) return { kind: 'course', ...course }
  const values = firstDifferentEvent(a, b, eventLine)
  if (values !== undefined) return { kind: 'values', ...values }
  const [first, second] = [JSON.stringify(a.draws ?? []), JSON.stringify(b.draws ?? [])]
  return first === second ? undefined : { kind: 'values', seq: a.events.length, first, second }
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
    return { seq, first: shownLine(one), second: shownLine(other) }
  }
  return undefined
}

function shownLine(event: HistoryEvent | undefined): string {
  return event === undefined ? '(nothing: it had ended)' : eventLine(event)
}

/** An event without the value that was answered or recorded, and without the ids that a tracer drew. */
function courseLine(event: HistoryEvent): string {
  if ('trace' in event) return eventLine({ ...event, trace: '' })
  return eventLine('value' in event ? { ...event, value: undefined } : event)
}
