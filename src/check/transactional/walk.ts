// Walks on a graph: which edges may be used, and whether two anti-dependencies may follow each other. A walk is a graph
// of states. A state is a node and, if that matters, whether an anti-dependency led to it. Its strongly connected
// components (Tarjan 1972) are found without recursion.
import { edgeKinds, type EdgeKind, type Graph } from './graph.ts'

export interface Walk {
  readonly graph: Graph
  readonly states: number
  /** The index in `to` and `edge` where the steps of each state begin; with one more entry at the end. */
  readonly start: Int32Array
  readonly to: Int32Array
  readonly edge: Int32Array
}

/** A walk along edges of these kinds, and always along those that leave a meeting point. */
export function walkAlong(graph: Graph, kinds: readonly EdgeKind[]): Walk {
  const usable = maskOf([...kinds, 'on'])
  return laid(graph, graph.nodes, (edge, step) => {
    if (usable[graph.kind[edge] ?? 0] === 1) step(graph.from[edge] ?? 0, graph.to[edge] ?? 0)
  })
}

/**
 * A walk along all edges, but never along two anti-dependencies in a row. State `node + nodes` means that an
 * anti-dependency led to the node.
 */
export function walkApart(graph: Graph): Walk {
  const { nodes } = graph
  const [rw, on] = [edgeKinds.indexOf('rw'), edgeKinds.indexOf('on')]
  return laid(graph, 2 * nodes, (edge, step) => {
    const [kind, from, to] = [graph.kind[edge], graph.from[edge] ?? 0, graph.to[edge] ?? 0]
    step(from, kind === rw ? to + nodes : to)
    if (kind !== rw) step(from + nodes, kind === on ? to + nodes : to)
  })
}

function maskOf(kinds: readonly EdgeKind[]): Uint8Array {
  return Uint8Array.from(edgeKinds, (kind) => (kinds.includes(kind) ? 1 : 0))
}

/** Counts the steps of each state, then stores them side by side. */
function laid(
  graph: Graph,
  states: number,
  steps: (edge: number, step: (from: number, to: number) => void) => void,
): Walk {
  const start = new Int32Array(states + 1)
  const each = (step: (from: number, to: number, edge: number) => void): void => {
    for (let edge = 0; edge < graph.edges; edge++) steps(edge, (from, to) => step(from, to, edge))
  }
  each((from) => {
    start[from + 1] = (start[from + 1] ?? 0) + 1
  })
  for (let state = 0; state < states; state++) start[state + 1] = (start[state + 1] ?? 0) + (start[state] ?? 0)
  const place = start.slice()
  const to = new Int32Array(start[states] ?? 0)
  const edge = new Int32Array(to.length)
  each((from, target, along) => {
    const at = place[from] ?? 0
    to[at] = target
    edge[at] = along
    place[from] = at + 1
  })
  return { graph, states, start, to, edge }
}

export interface Components {
  /** The number of the component of each state. */
  readonly of: Int32Array
  /** The states of each component that has a cycle, smaller components first. */
  readonly cyclic: readonly Int32Array[]
}

/** The strongly connected components. No edge leads from a node to itself, so a single state is not a cycle. */
export function components({ states, start, to }: Walk): Components {
  const of = new Int32Array(states).fill(-1)
  const index = new Int32Array(states) // counts from 1; 0 means not seen yet
  const low = new Int32Array(states)
  const place = start.slice(0, states)
  const [stack, path] = [new Int32Array(states), new Int32Array(states)]
  const cyclic: Int32Array[] = []
  let [seen, high, found] = [0, 0, 0]
  for (let root = 0; root < states; root++) {
    if (index[root] !== 0) continue
    let depth = 0
    path[0] = root
    while (depth >= 0) {
      const state = path[depth] ?? 0
      if (index[state] === 0) {
        index[state] = low[state] = ++seen
        stack[high++] = state
      }
      const at = place[state] ?? 0
      if (at < (start[state + 1] ?? 0)) {
        place[state] = at + 1
        const next = to[at] ?? 0
        if (index[next] === 0) path[++depth] = next
        else if (of[next] === -1) low[state] = Math.min(low[state] ?? 0, index[next] ?? 0)
        continue
      }
      depth -= 1
      if (depth >= 0) {
        const before = path[depth] ?? 0
        low[before] = Math.min(low[before] ?? 0, low[state] ?? 0)
      }
      if (low[state] !== index[state]) continue
      const top = high
      do of[stack[--high] ?? 0] = found
      while (stack[high] !== state)
      if (top - high > 1) cyclic.push(stack.slice(high, top))
      found += 1
    }
  }
  return { of, cyclic: cyclic.sort((a, b) => a.length - b.length) }
}
