// Finds the worst cycle in a graph of dependencies, and a short one of that kind: Adya's G0, G1c, G-single and G2, and
// the long fork between the last two. Knows graphs and walks; must not know what an edge means in words.
import type { AnomalyName } from '../../verdict/reason.ts'
import { edgeKinds, type EdgeKind, type Graph } from './graph.ts'
import { components, walkAlong, walkApart, type Components, type Walk } from './walk.ts'

/** How many steps may be spent on finding a shorter cycle than the first. */
const shorteningSteps = 1_000_000
/** How many steps may be spent on the question whether a cycle with a single anti-dependency exists. */
const singleSteps = 50_000_000

/** A cycle, as the numbers of its edges in order. */
export interface Cycle {
  readonly name: AnomalyName
  readonly edges: readonly number[]
  /** The budget ran out before it was clear whether there is also a cycle with a single anti-dependency. */
  readonly singleUnknown?: true
}

const orders: readonly EdgeKind[] = ['session', 'real time']

export function isCyclic(graph: Graph): boolean {
  return components(walkAlong(graph, edgeKinds)).cyclic.length > 0
}

/**
 * The worst cycle, or undefined if there is none. @param adjacent whether cycles with two anti-dependencies in a row
 * count
 */
export function worstCycle(graph: Graph, adjacent: boolean): Cycle | undefined {
  const all = adjacent ? walkAlong(graph, edgeKinds) : walkApart(graph)
  const strong = components(all)
  if (strong.cyclic.length === 0) return undefined
  const flow = shortCycle(walkAlong(graph, ['ww', 'wr', ...orders]))
  if (flow !== undefined) return nameCycle(graph, flow)
  const apart = adjacent ? walkApart(graph) : all
  const fork = adjacent ? components(apart) : strong
  if (fork.cyclic.length > 0) return single(graph, fork) ?? nameCycle(graph, shortCycle(apart, fork))
  return nameCycle(graph, shortCycle(all, strong))
}

/** A cycle of overwrites only. */
export function overwriteCycle(graph: Graph): Cycle | undefined {
  const edges = shortCycle(walkAlong(graph, ['ww']))
  return edges && { name: 'G0', edges }
}

function nameCycle(graph: Graph, edges: readonly number[] = []): Cycle {
  const kinds = edges.map((edge) => edgeKinds[graph.kind[edge] ?? 0]).filter((kind) => kind !== 'on')
  const anti = kinds.filter((kind) => kind === 'rw').length
  if (anti === 0) return { name: kinds.includes('wr') ? 'G1c' : 'G0', edges }
  if (anti === 1) return { name: kinds.length === 2 && kinds.includes('wr') ? 'fractured read' : 'G-single', edges }
  const row = kinds.some((kind, index) => kind === 'rw' && kinds.at(index - 1) === 'rw')
  return { name: row ? 'G2-item' : 'long fork', edges }
}

/** A short cycle of the walk; the shortest one if its components are small. */
function shortCycle(walk: Walk, { of, cyclic }: Components = components(walk)): readonly number[] | undefined {
  let best: readonly number[] | undefined
  const budget = { left: shorteningSteps }
  const memory = searchMemory(walk.states)
  for (const states of cyclic) {
    for (const state of states) {
      if (best !== undefined && (best.length === 2 || budget.left <= 0)) return best
      const found = shortestPath(walk, state, state, (next) => of[next] === of[state], memory, budget)
      if (found !== undefined && (best === undefined || found.length < best.length)) best = found
    }
  }
  return best
}

/** A cycle with one anti-dependency: a path of other edges from its end back to its start. */
function single(graph: Graph, { of }: Components): Cycle | undefined {
  const walk = walkAlong(graph, ['ww', 'wr', ...orders])
  const memory = searchMemory(walk.states)
  const budget = { left: singleSteps }
  const rw = edgeKinds.indexOf('rw')
  let best: readonly number[] | undefined
  for (let edge = 0; edge < graph.edges; edge++) {
    const [from, to] = [graph.from[edge] ?? 0, graph.to[edge] ?? 0]
    if (graph.kind[edge] !== rw || of[from] !== of[to + graph.nodes]) continue
    const inside = (node: number): boolean => of[node] === of[from] || of[node + graph.nodes] === of[from]
    const back = shortestPath(walk, to, from, inside, memory, budget)
    if (back !== undefined && (best === undefined || back.length + 1 < best.length)) best = [edge, ...back]
    if (best !== undefined && (best.length === 2 || budget.left < singleSteps - shorteningSteps)) break
    if (budget.left <= 0) return { ...nameCycle(graph, shortCycle(walkApart(graph))), singleUnknown: true }
  }
  return best && nameCycle(graph, best)
}

interface SearchMemory {
  /** For each state: the number of the last search that saw it, the edge that led there, and the state before. */
  readonly seen: Int32Array
  readonly edge: Int32Array
  readonly before: Int32Array
  readonly queue: Int32Array
  search: number
}

function searchMemory(states: number): SearchMemory {
  return {
    seen: new Int32Array(states),
    edge: new Int32Array(states),
    before: new Int32Array(states),
    queue: new Int32Array(states + 1),
    search: 0,
  }
}

/** A shortest path through states that are `inside`, by breadth-first search. From a state to itself it is a cycle. */
function shortestPath(
  { start, to, edge }: Walk,
  from: number,
  goal: number,
  inside: (state: number) => boolean,
  memory: SearchMemory,
  budget: { left: number },
): readonly number[] | undefined {
  const { seen, before, queue } = memory
  const search = ++memory.search
  let [first, end] = [0, 1]
  queue[0] = from
  while (first < end) {
    const state = queue[first++] ?? 0
    for (let at = start[state] ?? 0; at < (start[state + 1] ?? 0); at++) {
      budget.left -= 1
      const next = to[at] ?? 0
      if (seen[next] === search || !inside(next)) continue
      seen[next] = search
      before[next] = state
      memory.edge[next] = edge[at] ?? 0
      if (next === goal) return pathTo(goal, from, memory)
      queue[end++] = next
    }
  }
  return undefined
}

function pathTo(goal: number, from: number, { edge, before }: SearchMemory): readonly number[] {
  const path = [edge[goal] ?? 0]
  for (let state = before[goal] ?? 0; state !== from; state = before[state] ?? 0) path.push(edge[state] ?? 0)
  return path.reverse()
}
