// Precedence: a graph of what must stand before what, its strongly connected components, and a shortest cycle through a link.
// Numbers only, in linear time and without recursion; must not know what the nodes are.

/** Links between nodes, each from what stands before to what stands after. */
export interface Precedence {
  readonly nodes: number
  readonly from: readonly number[]
  readonly to: readonly number[]
}

/** Links by the node that they leave. */
interface Leaving {
  readonly start: Int32Array
  readonly links: Int32Array
}

function leaving({ nodes, from }: Precedence): Leaving {
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
 * The links that lie on a cycle, in their order: those within a strongly connected component. After Tarjan, "Depth-First Search and
 * Linear Graph Algorithms" (1972), with a stack of its own.
 */
export function linksOnCycles(graph: Precedence): readonly number[] {
  const component = components(graph)
  const found: number[] = []
  for (const [link, node] of graph.from.entries()) if (component[node] === component[graph.to[link] ?? -1]) found.push(link)
  return found
}

/** Which component each node is in. */
function components(graph: Precedence): Int32Array {
  const { start, links } = leaving(graph)
  const at = (list: Int32Array, place: number): number => list[place] ?? 0 // every place below is within its list
  const [order, low, component] = [new Int32Array(graph.nodes), new Int32Array(graph.nodes), new Int32Array(graph.nodes).fill(-1)]
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

/** The links of a shortest cycle that begins with a link; empty where that is on none. */
export function cycleThrough(graph: Precedence, first: number): readonly number[] {
  const { start, links } = leaving(graph)
  const [origin = 0, target = 0] = [graph.to[first], graph.from[first]]
  const reachedBy = new Map<number, number>([[origin, -1]])
  const waiting = [origin]
  for (let place = 0; place < waiting.length && !reachedBy.has(target); place++) {
    const node = waiting[place] ?? 0
    for (let each = start[node] ?? 0; each < (start[node + 1] ?? 0); each++) {
      const link = links[each] ?? 0
      const reached = graph.to[link] ?? 0
      if (reachedBy.has(reached)) continue
      reachedBy.set(reached, link)
      waiting.push(reached)
    }
  }
  if (!reachedBy.has(target)) return []
  const back: number[] = []
  for (let link = reachedBy.get(target) ?? -1; link !== -1; link = reachedBy.get(graph.from[link] ?? 0) ?? -1) back.push(link)
  return [first, ...back.reverse()]
}
