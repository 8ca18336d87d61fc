// Which cycles of dependencies a model forbids, once the order of all versions is known (Adya 1999; Cerone and Gotsman
// 2016). Data, and a function that finds such cycles in a graph. Must not know how an order of versions is found.
import type { ConsistencyModel } from '../../verdict/consistency.ts'
import type { AnomalyName } from '../../verdict/reason.ts'
import type { TransactionOrder } from './anomaly.ts'
import { worstCycle } from './cycles.ts'
import { edgeKinds, type Graph } from './graph.ts'
import { components, walkAlong, walkApart, type Components } from './walk.ts'

/**
 * Which cycles are forbidden. `fractured`: a transaction reads one write of another, and misses another write of it.
 * `single`: cycles with at most one anti-dependency. `apart`: cycles without two anti-dependencies in a row. `any`: all
 * cycles. Each forbids what those before it do, and all forbid cycles without an anti-dependency.
 */
export type CycleRule = 'fractured' | 'single' | 'apart' | 'any'

/** The rules, the weakest first. */
export const cycleRules: readonly CycleRule[] = ['fractured', 'single', 'apart', 'any']

/** The name of the anomaly if no order of versions avoids such a cycle. */
export const anomalyOf: Readonly<Record<CycleRule, AnomalyName>> = {
  fractured: 'fractured read',
  single: 'G-single',
  apart: 'long fork',
  any: 'G2-item',
}

/** The weakest models that forbid such cycles in a graph that includes the edges of this order. */
export function modelsOf(rule: CycleRule, order: TransactionOrder): readonly ConsistencyModel[] {
  switch (rule) {
    case 'fractured':
      return order === 'none' ? ['read atomic'] : []
    case 'single':
      return order === 'none' ? ['consistent view', 'parallel snapshot isolation'] : []
    case 'apart':
      return [snapshots[order]]
    case 'any':
      return serials[order]
    default:
      return rule satisfies never
  }
}

const snapshots: Readonly<Record<TransactionOrder, ConsistencyModel>> = {
  none: 'snapshot isolation',
  session: 'strong session snapshot isolation',
  'real time': 'strong snapshot isolation',
}

const serials: Readonly<Record<TransactionOrder, readonly ConsistencyModel[]>> = {
  none: ['repeatable read', 'serializable'],
  session: ['strong session serializable'],
  'real time': ['strict serializable'],
}

/**
 * The nodes of forbidden cycles, in groups; none if there is no forbidden cycle. Undefined if this could not be decided
 * within the budget.
 */
export function forbidden(graph: Graph, rule: CycleRule): readonly (readonly number[])[] | undefined {
  switch (rule) {
    case 'any':
      return groups(components(walkAlong(graph, edgeKinds)), graph)
    case 'apart':
      return groups(components(walkApart(graph)), graph)
    case 'single':
    case 'fractured': {
      const worst = worstCycle(graph, false)
      if (worst?.singleUnknown === true) return undefined
      if (worst === undefined || worst.name === 'long fork') return []
      if (rule === 'fractured' && worst.name === 'G-single') return fractures(graph)
      return [nodesOf(graph, worst.edges)]
    }
    default:
      return rule satisfies never
  }
}

/** The nodes of each component. A walk has one or two states for each node. */
function groups({ cyclic }: Components, { nodes }: Graph): readonly (readonly number[])[] {
  return cyclic.map((states) => [...new Set(Array.from(states, (state) => state % nodes))])
}

function nodesOf(graph: Graph, edges: readonly number[]): readonly number[] {
  return edges.map((edge) => graph.from[edge] ?? 0)
}

/**
 * A reader and a writer, where the reader read one write of the writer, and the writer overwrote another version that
 * the reader read.
 */
function fractures(graph: Graph): readonly (readonly number[])[] {
  const [wr, rw] = [edgeKinds.indexOf('wr'), edgeKinds.indexOf('rw')]
  const read = new Set<number>()
  const pair = (from: number, to: number): number => from * graph.nodes + to
  for (let edge = 0; edge < graph.edges; edge++)
    if (graph.kind[edge] === wr) read.add(pair(graph.from[edge] ?? 0, graph.to[edge] ?? 0))
  for (let edge = 0; edge < graph.edges; edge++) {
    const [from, to] = [graph.from[edge] ?? 0, graph.to[edge] ?? 0]
    if (graph.kind[edge] === rw && read.has(pair(to, from))) return [[from, to]]
  }
  return []
}
