// Which cycles of dependencies a model forbids, once the order of all versions is known (Adya 1999; Cerone and Gotsman
// 2016). Data, and the cycles of a whole graph. Must not know how an order of versions is found.
import type { ConsistencyModel } from '../../verdict/consistency.ts'
import type { AnomalyName } from '../../verdict/reason.ts'
import type { TransactionOrder } from './anomaly.ts'
import { worstCycle } from './cycles.ts'
import { edgeKinds, type Graph } from './graph.ts'
import { components, walkAlong, walkApart, type Components } from './walk.ts'

/**
 * `fractured`: a transaction that reads of another, and of one key what that other wrote over. `single`: cycles with at
 * most one anti-dependency. `apart`: cycles in which no two anti-dependencies follow each other. `any`: all cycles.
 * Each forbids what those before it do, and all forbid cycles without an anti-dependency.
 */
export type CycleRule = 'fractured' | 'single' | 'apart' | 'any'

/** The rules from the one that forbids least. */
export const cycleRules: readonly CycleRule[] = ['fractured', 'single', 'apart', 'any']

/** What it is called where no order of the versions avoids such a cycle. */
export const anomalyOf: Readonly<Record<CycleRule, AnomalyName>> = {
  fractured: 'fractured read',
  single: 'G-single',
  apart: 'long fork',
  any: 'G2-item',
}

/** The weakest models that forbid such cycles, in graphs with the edges of an order. */
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
 * Nodes of a graph among which there is a forbidden cycle, a group for each; none where there is no such cycle.
 * Undefined where it could not be found out within the budget.
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

/** The nodes of each component; the states of a walk are nodes, once or twice. */
function groups({ cyclic }: Components, { nodes }: Graph): readonly (readonly number[])[] {
  return cyclic.map((states) => [...new Set(Array.from(states, (state) => state % nodes))])
}

function nodesOf(graph: Graph, edges: readonly number[]): readonly number[] {
  return edges.map((edge) => graph.from[edge] ?? 0)
}

/** A reader and a writer, where what the reader read of another key was written over by the writer. */
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
