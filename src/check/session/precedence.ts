// Precedence: a graph of what must come before what, its strongly connected components, and shortest paths and cycles
// in it. Works on numbers, in linear time and without recursion; must not know what the nodes are.

/** Links between nodes, each from the earlier to the later. */
export interface Precedence {
  readonly nodes: number
  readonly from: readonly number[]
  readonly to: readonly number[]
}

/**
 * Links grouped by the node that they leave. The links of a node stand in `links` from its `start` up to the next
 * node's, in their order.
 */
export interface LinksByNode {
  readonly start: Int32Array
  readonly links: Int32Array
}

export function leaving({ nodes, from }: Precedence): LinksByNode {
  const start = new Int32Array(nodes + 1)
  for (const node of from) start[node + 1] = (start[node + 1] ?? 0) + 1
  for (let node = 0; node < nodes; node++) start[node + 1] = (start[node + 1] ?? 0) + (start[node] ?? 0)
  const next = start.slice()
  const links = new Int32Array(from.length)
  for (const [link, node] of from.entries()) {
    const place = next[node] ?? 0
    links[place] = link
    next[node] = place + 1
  }
  return { start, links }
}

/**
 * The links that lie on cycles, in their order, grouped by strongly connected component. After Tarjan, "Depth-First
 * Search and Linear Graph Algorithms" (1972), with an explicit stack.
 */
export function linksOnCycles(graph: Precedence): readonly (readonly number[])[] {
  const component = components(graph)
  const found = new Map<number, number[]>()
  for (const [link, node] of graph.from.entries()) {
    const one = component[node] ?? -1
    if (one !== component[graph.to[link] ?? -1]) continue
    const links = found.get(one) ?? []
    links.push(link)
    found.set(one, links)
  }
  return Array.from(found.values())
}

/** The component of each node. */
function components(graph: Precedence): Int32Array {
  const { start, links } = leaving(graph)
  const at = (list: Int32Array, place: number): number => list[place] ?? 0 // every index below is within its list
  const [order, low, component] = [
    new Int32Array(graph.nodes),
    new Int32Array(graph.nodes),
    new Int32Array(graph.nodes).fill(-1),
  ]
  const next = start.slice(0, graph.nodes)
  const [path, open]: [number[], number[]] = [[], []]
  let [visited, closed] = [0, 0]
  const enter = (node: number): void => {
    visited += 1
    order[node] = visited
    low[node] = visited
    path.push(node)
    open.push(node)
  }
  const close = (node: number): void => {
    for (let member = -1; member !== node;) {
      member = open.pop() ?? node
      component[member] = closed
    }
    closed += 1
  }
  for (let root = 0; root < graph.nodes; root++) {
    if (at(order, root) === 0) enter(root)
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const place = at(next, node)
      if (place < at(start, node + 1)) {
        next[node] = place + 1
        const target = graph.to[at(links, place)] ?? 0
        if (at(order, target) === 0) enter(target)
        else if (component[target] === -1) low[node] = Math.min(at(low, node), at(order, target))
      } else {
        path.pop()
        if (at(low, node) === at(order, node)) close(node)
        const parent = path.at(-1)
        if (parent !== undefined) low[parent] = Math.min(at(low, parent), at(low, node))
      }
    }
  }
  return component
}

/** Gives the links that leave a node, for {@link shortestWay}. */
export type OutgoingLinks = (node: number) => readonly number[]

export function outgoing({ from }: Precedence, links: Iterable<number>): OutgoingLinks {
  const byNode = Map.groupBy(links, (link) => from[link] ?? -1)
  return (node) => byNode.get(node) ?? []
}

/** The links of a shortest path from one node to another; empty if there is no path. */
export function shortestWay(
  { from, to }: Precedence,
  leave: OutgoingLinks,
  origin: number,
  target: number,
): readonly number[] {
  const reachedBy = new Map<number, number>([[origin, -1]])
  const waiting = [origin]
  for (let place = 0; place < waiting.length && !reachedBy.has(target); place++) {
    for (const link of leave(waiting[place] ?? -1)) {
      const reached = to[link] ?? -1
      if (reachedBy.has(reached)) continue
      reachedBy.set(reached, link)
      waiting.push(reached)
    }
  }
  const way: number[] = []
  for (let link = reachedBy.get(target) ?? -1; link !== -1; link = reachedBy.get(from[link] ?? -1) ?? -1) way.push(link)
  return way.reverse()
}

/** The links of a shortest cycle that begins with this link and uses only these links. */
export function shortestCycle(graph: Precedence, links: readonly number[], first: number): readonly number[] {
  return [first, ...shortestWay(graph, outgoing(graph, links), graph.to[first] ?? -1, graph.from[first] ?? -1)]
}
