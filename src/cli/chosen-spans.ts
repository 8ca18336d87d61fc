// Spans: operations with their ends, and the choice of those for a short story. Knows histories, not the page.
import type { Completion, History, Invoke } from '../history/history.ts'

/** One operation from its invocation to its end, if it has one. */
export interface OperationSpan {
  readonly invoke: Invoke
  readonly end: Completion | undefined
}

export function spansOf({ events }: History): readonly OperationSpan[] {
  const ends = new Map<number, Completion>()
  const invokes: Invoke[] = []
  for (const event of events) {
    if (event.kind === 'invoke') invokes.push(event)
    else if (event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info') ends.set(event.invocation, event)
  }
  return invokes.map((invoke) => ({ invoke, end: ends.get(invoke.invocation) }))
}

/** The room of a story. */
export interface Room {
  readonly operations: number
  readonly processes: number
}

/**
 * The operations that these events belong to, the nearest to the last event first, as far as there is room. A short
 * story is filled up with operations that ran at the same time on the same keys and may have happened. In order of
 * invocation; empty if no event belongs to an operation.
 */
export function chosen(
  spans: readonly OperationSpan[],
  events: readonly number[],
  room: Room,
): readonly OperationSpan[] {
  const seqs = new Set(events)
  const named = spans.filter(({ invoke, end }) => seqs.has(invoke.seq) || (end !== undefined && seqs.has(end.seq)))
  const last = events.at(-1) ?? 0
  const first = Math.min(last, ...named.slice(0, 1).map(({ invoke }) => invoke.seq))
  const keys = new Set(named.map(({ invoke }) => invoke.key))
  const known = new Set(named)
  const beside = spans.filter(
    (span) =>
      !known.has(span) &&
      span.end?.kind !== 'fail' &&
      keys.has(span.invoke.key) &&
      span.invoke.seq < last &&
      endSeq(span) > first,
  )
  const filler = Math.max(0, Math.min(shortest, room.operations) - named.length)
  return fitting([...nearest(named, last), ...nearest(beside, last).slice(0, filler)], room).toSorted(
    (a, b) => a.invoke.seq - b.invoke.seq,
  )
}

/** A story has at least so many operations, if there are as many; more only if the events name them. */
const shortest = 6

/** When an operation is over; one without a known outcome may still happen, so it never is. */
function endSeq({ end }: OperationSpan): number {
  return end?.kind === 'ok' ? end.seq : Infinity
}

function nearest(spans: readonly OperationSpan[], seq: number): readonly OperationSpan[] {
  const distance = ({ invoke, end }: OperationSpan): number =>
    Math.min(Math.abs(invoke.seq - seq), Math.abs((end ?? invoke).seq - seq))
  return spans.toSorted((a, b) => distance(a) - distance(b))
}

function fitting(spans: readonly OperationSpan[], { operations, processes }: Room): readonly OperationSpan[] {
  const kept: OperationSpan[] = []
  const nodes = new Set<string>()
  for (const span of spans) {
    if (kept.length === operations) break
    if (!nodes.has(span.invoke.node) && nodes.size === processes) continue
    nodes.add(span.invoke.node)
    kept.push(span)
  }
  return kept
}
