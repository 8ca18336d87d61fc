// Spans: operations with their ends, and which of them a short story needs. Knows histories, not the page.
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

/** The most that a story has room for. */
export interface Room {
  readonly operations: number
  readonly processes: number
}

/**
 * The operations that events name, then those that ran beside them on a key of theirs and may have happened; the
 * nearest to the last event first, as long as there is room. What is beside them only fills a short story up. In order
 * of invocation; nothing where no event belongs to an operation.
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

/** So many operations are told where there are as many; more only where they are named. */
const shortest = 6

/** An operation without a known end may still happen: it ends nowhere. */
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
