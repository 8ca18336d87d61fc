// Dependencies as an order of events: a transaction is one event, or for snapshots two, its snapshot and its commit. An
// order of versions is free of forbidden cycles where these events have an order. Plain arrays, read both ways. Must
// not know versions.
import { edgeKinds, type Graph } from './graph.ts'

/** Events by number; what a graph's node is, they say themselves. */
export interface EventGraph {
  readonly events: number
  /** When a transaction reads: the event of its node. */
  readonly snapshotOf: (node: number) => number
  /** When a transaction writes. */
  readonly commitOf: (node: number) => number
  readonly nodeOf: (event: number) => number
  readonly after: Adjacency
  readonly before: Adjacency
}

/** The neighbours of an event: `to[start[event]]` up to `to[start[event + 1]]`. */
export interface Adjacency {
  readonly start: Int32Array
  readonly to: Int32Array
}

/**
 * One event a node: cycles are those of the graph. Two events: a cycle is one in which no two anti-dependencies follow
 * each other, as what is written over only has to be read before the commit (Cerone and Gotsman 2016).
 *
 * @param transactions the nodes before the meeting points
 */
export function eventGraph(graph: Graph, transactions: number, isSerial: boolean): EventGraph {
  const { nodes } = graph
  const second = isSerial ? 0 : nodes
  const each = (emit: (from: number, to: number) => void): void => {
    for (let edge = 0; edge < graph.edges; edge++) {
      const [kind, from, to] = [edgeKinds[graph.kind[edge] ?? 0], graph.from[edge] ?? 0, graph.to[edge] ?? 0]
      if (kind === 'rw') emit(from, to + second)
      else emit(kind === 'on' ? from : from + second, to)
      if (kind === 'on' && !isSerial) emit(from + second, to + second)
    }
    if (!isSerial) for (let node = 0; node < transactions; node++) emit(node, node + second)
  }
  const events = nodes + second
  return {
    events,
    snapshotOf: (node) => node,
    commitOf: (node) => node + second,
    nodeOf: (event) => event % nodes,
    after: adjacency(events, each),
    before: adjacency(events, (emit) => each((from, to) => emit(to, from))),
  }
}

function adjacency(events: number, each: (emit: (from: number, to: number) => void) => void): Adjacency {
  const start = new Int32Array(events + 1)
  each((from) => {
    start[from + 1] = (start[from + 1] ?? 0) + 1
  })
  for (let event = 0; event < events; event++) start[event + 1] = (start[event + 1] ?? 0) + (start[event] ?? 0)
  const to = new Int32Array(start[events] ?? 0)
  const place = start.slice()
  each((from, next) => {
    const at = place[from] ?? 0
    to[at] = next
    place[from] = at + 1
  })
  return { start, to }
}
