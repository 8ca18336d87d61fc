// Whether some order of the versions of registers explains what was read: a guess, and where that is wrong a search
// among the transactions that contradict each other. After the polygraphs of Papadimitriou (1979), as Cobra (Tan et
// al., OSDI 2020) and PolySI (Huang et al., VLDB 2023) use them. Must not know words.
import { bug } from '../../plain/bug.ts'
import type { Item, Transactions, Txn } from '../transactions.ts'
import type { TransactionOrder } from './anomaly.ts'
import { forbidden, type CycleRule } from './cycle-rule.ts'
import { dependencies } from './dependencies.ts'
import { edgeKinds, type Graph } from './graph.ts'
import { laidOrder, type VersionOrders } from './laid-order.ts'
import type { InstalledVersion } from './installed-version.ts'
import {
  searchOrder,
  type CycleEdge,
  type Choice,
  type OrderProblem,
  type Refutation,
  type StepBudget,
} from './order-search.ts'

/** What is known where transactions respect an order. */
export interface KnownVersions {
  readonly transactions: Transactions
  readonly committed: (txn: Txn) => boolean
  readonly order: TransactionOrder
  readonly versions: readonly InstalledVersion[]
  /** Dependencies as far as the versions' order is known. */
  readonly graph: Graph
}

/** Versions of one register of which nobody knows which is the earlier: `earlier` is it where the choice stands. */
export interface Pair {
  readonly earlier: InstalledVersion
  readonly later: InstalledVersion
}

/**
 * `explained`: there is an order without a forbidden cycle. `refuted`: there is none. `spent`: that could not be found
 * out within the budget; so many versions of so many registers are not in a known order.
 */
export type Explanation =
  | { readonly kind: 'explained' }
  | {
      readonly kind: 'refuted'
      readonly why: Refutation
      readonly pairs: readonly Pair[]
      readonly nodes: readonly number[]
    }
  | { readonly kind: 'spent'; readonly writes: number; readonly items: readonly Item[] }

/** So often a search among more transactions follows one among fewer. */
const mostRounds = 50
/** Building a graph, and walking it several times. */
const stepsAnEdge = 8
/** More choices would take longer than the budget of any search. */
const mostChoices = 4_000

/** @param known its graph has no forbidden cycle itself */
export function explain(known: KnownVersions, rule: CycleRule, steps: StepBudget): Explanation {
  const open = openVersions(known.versions)
  if (open.length === 0) return { kind: 'explained' }
  const { transactions, graph: before } = known
  const laid = laidOrder({ graph: before, txns: transactions.txns, versions: open, isSerial: rule === 'any' }, steps)
  let { orders } = laid
  const groups: Set<number>[] = laid.kind === 'contradictory' ? [new Set(withWriters(laid.nodes, open))] : []
  for (let round = 0; round < mostRounds && steps.left > 0; round++) {
    const graph = completed(known, orders)
    steps.left -= stepsAnEdge * graph.edges
    const cyclic = forbidden(graph, rule)
    if (cyclic === undefined) break
    if (cyclic.length === 0) return { kind: 'explained' }
    const close = cyclic.map((nodes) => withWriters(nodes, open))
    for (const nodes of mergeGroups(groups, close, known, open)) {
      const problem = problemOf(
        known,
        [...nodes].sort((a, b) => a - b),
        rule,
        orders,
      )
      const found = problem === undefined ? undefined : searchOrder(problem, steps)
      if (problem === undefined || found === undefined || found.kind === 'spent') return spentOn(open)
      if (found.kind === 'refuted') return smallest(problem, found.why, known.transactions.txns.length, steps)
      orders = changed(orders, problem.pairs, found.isSwapped)
    }
  }
  return spentOn(open)
}

/**
 * Whether transactions can be laid in an order: then all that this forbids, and less, is explained. Quick, and a no is
 * no proof.
 */
export function canBeLaid(
  { graph, transactions: { txns }, versions }: KnownVersions,
  isSerial: boolean,
  steps: StepBudget,
): boolean {
  const open = openVersions(versions)
  return open.length === 0 || laidOrder({ graph, txns, versions: open, isSerial }, steps).kind === 'laid'
}

/** The versions of registers of which several were written. */
function openVersions(versions: readonly InstalledVersion[]): readonly InstalledVersion[] {
  const written = new Map<Item, number>()
  for (const { item, write } of versions)
    if (!item.list && write !== undefined) written.set(item, (written.get(item) ?? 0) + 1)
  return versions.filter(({ item }) => (written.get(item) ?? 0) > 1)
}

function spentOn(open: readonly InstalledVersion[]): Explanation {
  return {
    kind: 'spent',
    writes: open.filter(({ write }) => write !== undefined).length,
    items: [...new Set(open.map(({ item }) => item))],
  }
}

/** The dependencies where the versions are in these orders. */
function completed({ transactions, committed, order, versions }: KnownVersions, orders: VersionOrders): Graph {
  const places = new Map<InstalledVersion, InstalledVersion | undefined>()
  for (const ordered of orders.values()) ordered.forEach((version, place) => places.set(version, ordered[place + 1]))
  const all = versions.map((version): InstalledVersion => {
    const ordered = orders.get(version.item)
    if (ordered === undefined) return version
    const next = version.write === undefined ? ordered[0] : places.get(version)
    return { ...version, next: next?.write === undefined ? [] : [{ write: next.write }] }
  })
  return dependencies(transactions, all, committed, order)
}

/**
 * Groups of transactions, with what contradicts itself now added; those that have a transaction in common are one. A
 * group to which nothing was added was searched in vain: it gets its neighbours.
 */
function mergeGroups(
  groups: Set<number>[],
  cyclic: readonly (readonly number[])[],
  { graph }: KnownVersions,
  open: readonly InstalledVersion[],
): readonly Set<number>[] {
  const changed = new Set<Set<number>>()
  for (const nodes of cyclic) {
    const touched = groups.filter((group) => nodes.some((node) => group.has(node)))
    const whole = new Set([...touched.flatMap((group) => [...group]), ...nodes])
    const isInVain = touched.some((group) => group.size === whole.size && !changed.has(group))
    for (const group of touched) {
      groups.splice(groups.indexOf(group), 1)
      changed.delete(group)
    }
    const group = isInVain ? withNeighbours(whole, graph, open) : whole
    groups.push(group)
    changed.add(group)
  }
  return [...changed]
}

/** With whoever a dependency joins to one of them, and whoever accessed a register that one of them accessed. */
function withNeighbours(nodes: ReadonlySet<number>, graph: Graph, open: readonly InstalledVersion[]): Set<number> {
  const more = new Set(nodes)
  for (let edge = 0; edge < graph.edges; edge++) {
    const [from, to] = [graph.from[edge] ?? 0, graph.to[edge] ?? 0]
    if (nodes.has(from)) more.add(to)
    if (nodes.has(to)) more.add(from)
  }
  const accessors = new Map<Item, number[]>()
  for (const { item, write, readers } of open) {
    const ids = accessors.get(item) ?? []
    if (write !== undefined) ids.push(write.txn.id)
    for (const { txn } of readers) ids.push(txn.id)
    accessors.set(item, ids)
  }
  for (const ids of accessors.values()) if (ids.some((id) => nodes.has(id))) for (const id of ids) more.add(id)
  return more
}

/** With who wrote what one of them read and another wrote over: between these two writes is the choice. */
function withWriters(nodes: readonly number[], open: readonly InstalledVersion[]): readonly number[] {
  const here = new Set(nodes)
  const written = new Set<Item>()
  for (const { item, write } of open) if (write !== undefined && here.has(write.txn.id)) written.add(item)
  const others = open.flatMap(({ item, write, readers }) =>
    write !== undefined && written.has(item) && readers.some(({ txn }) => here.has(txn.id)) ? [write.txn.id] : [],
  )
  return [...new Set([...nodes, ...others])]
}

interface LocalProblem extends OrderProblem {
  /** For each choice. */
  readonly pairs: readonly Pair[]
  /** The nodes of the whole graph, by their numbers here. */
  readonly all: readonly number[]
}

/** What is known and not known among some nodes; undefined where that is too much. */
function problemOf(
  { graph }: KnownVersions,
  all: readonly number[],
  rule: CycleRule,
  orders: VersionOrders,
): LocalProblem | undefined {
  const places = new Map(all.map((node, place) => [node, place]))
  const here = (node: number | undefined): number => places.get(node ?? -1) ?? -1
  const known: CycleEdge[] = []
  for (let edge = 0; edge < graph.edges; edge++) {
    const [from, to] = [here(graph.from[edge]), here(graph.to[edge])]
    if (from >= 0 && to >= 0) known.push({ kind: edgeKinds[graph.kind[edge] ?? 0] ?? 'on', from, to, edge })
  }
  const pairs = pairsOf(orders, (version) => here(version.write?.txn.id) >= 0)
  if (pairs === undefined) return undefined
  const readers = ({ readers: all }: InstalledVersion): readonly number[] =>
    [...new Set(all.map(({ txn }) => here(txn.id)))].filter((reader) => reader >= 0)
  const choices = pairs.map(({ earlier, later }): Choice => ({
    writers: [here(earlier.write?.txn.id), here(later.write?.txn.id)],
    readers: [readers(earlier), readers(later)],
  }))
  return { nodes: all.length, known, choices, rule, pairs, all }
}

function pairsOf(orders: VersionOrders, isHere: (version: InstalledVersion) => boolean): readonly Pair[] | undefined {
  const pairs: Pair[] = []
  for (const ordered of orders.values()) {
    const present = ordered.filter(isHere)
    for (const [place, earlier] of present.entries()) {
      for (const later of present.slice(place + 1)) pairs.push({ earlier, later })
      if (pairs.length > mostChoices) return undefined
    }
  }
  return pairs
}

/** The orders, with the versions that the choices are about in their new order, in the places that they had. */
function changed(orders: VersionOrders, pairs: readonly Pair[], isSwapped: readonly boolean[]): VersionOrders {
  const before = new Map<InstalledVersion, number>() // how many of them come before each
  pairs.forEach(({ earlier, later }, choice) => {
    for (const version of [earlier, later]) before.set(version, before.get(version) ?? 0)
    const last = isSwapped[choice] === true ? earlier : later
    before.set(last, (before.get(last) ?? 0) + 1)
  })
  const items = new Set(Array.from(before.keys(), ({ item }) => item))
  const result = new Map(orders)
  for (const item of items) {
    const ordered = orders.get(item) ?? []
    const moved = ordered
      .filter((version) => before.has(version))
      .sort((a, b) => (before.get(a) ?? 0) - (before.get(b) ?? 0))
      .values()
    result.set(
      item,
      ordered.map((version) => (before.has(version) ? (moved.next().value ?? version) : version)),
    )
  }
  return result
}

/** So much one question may cost while the transactions of a refutation are counted down. */
const mostStepsAQuestion = 200_000
const mostQuestions = 200

/** The refutation among as few transactions as refute each other without any one of them. */
function smallest(problem: LocalProblem, why: Refutation, txns: number, steps: StepBudget): Explanation {
  let [left, reason] = [problem, why]
  let asked = 0
  for (const [node, id] of problem.all.entries()) {
    if (id >= txns || asked++ >= mostQuestions || steps.left <= 0) continue
    const fewer = without(left, node)
    const budget = { left: Math.min(mostStepsAQuestion, steps.left) }
    const found = searchOrder(fewer, budget)
    steps.left -= mostStepsAQuestion - Math.max(budget.left, 0)
    if (found.kind === 'refuted') [left, reason] = [fewer, found.why]
  }
  return { kind: 'refuted', why: reason, pairs: left.pairs, nodes: left.all }
}

/** Nodes keep their numbers. */
function without(problem: LocalProblem, node: number): LocalProblem {
  const isLeft = ({ writers }: Choice): boolean => !writers.includes(node)
  return {
    ...problem,
    known: problem.known.filter(({ from, to }) => from !== node && to !== node),
    pairs: problem.pairs.filter((_, choice) =>
      isLeft(problem.choices[choice] ?? bug('a pair of versions that is no choice')),
    ),
    choices: problem.choices.filter(isLeft).map(({ writers, readers: [first, second] }) => ({
      writers,
      readers: [first.filter((one) => one !== node), second.filter((one) => one !== node)],
    })),
  }
}
