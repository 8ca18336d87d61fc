// Dependencies as constraints between events. A transaction is one event or, under snapshot isolation, two: its
// snapshot and its commit. There are no forbidden cycles if these events have an order. Plain arrays, for both
// directions. Must not know versions.
import { edgeKinds, type Graph } from './graph.ts'

/** Events are numbers; the functions below convert between them and the nodes of the graph. */
export interface EventGraph {
  readonly events: number
  /** The event in which a transaction reads. */
  readonly snapshotOf: (node: number) => number
  /** The event in which a transaction writes. */
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
 * Builds the events. With one event for each node (`isSerial`), cycles are those of the graph. With two, a cycle is one
 * without two anti-dependencies in a row, since a version only has to be read before the commit that overwrites it
 * (Cerone and Gotsman 2016).
 *
 * @param transactions how many nodes are transactions; meeting points follow them
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
