// Decides whether some order of the versions of registers explains every read: first by a guess and, where that fails,
// by a search among the transactions that contradict each other. After the polygraphs of Papadimitriou (1979), as Cobra
// (Tan et al., OSDI 2020) and PolySI (Huang et al., VLDB 2023) use them. Must not know the words of reasons.
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

/** What is known if transactions respect an order. */
export interface KnownVersions {
  readonly transactions: Transactions
  readonly committed: (txn: Txn) => boolean
  readonly order: TransactionOrder
  readonly versions: readonly InstalledVersion[]
  /** The dependencies that follow from the known part of the order of versions. */
  readonly graph: Graph
}

/** Two versions of one register in unknown order. `earlier` is the earlier one unless the choice is swapped. */
export interface Pair {
  readonly earlier: InstalledVersion
  readonly later: InstalledVersion
}

/**
 * `explained`: there is an order without a forbidden cycle. `refuted`: there is none. `spent`: the budget ran out; so
 * many versions of these registers are in unknown order.
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

/** How often the search is repeated with more transactions, at most. */
const mostRounds = 50
/** The cost of building a graph and walking it several times, in steps for each edge. */
const stepsAnEdge = 8
/** How many choices a search may have; more would exceed any budget. */
const mostChoices = 4_000

/** Decides it. @param known what is known; its graph has no forbidden cycle by itself */
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
 * Whether the quick construction finds an order of the transactions. If so, every weaker rule is satisfied as well; if
 * not, nothing is proved.
 */
export function canBeLaid(
  { graph, transactions: { txns }, versions }: KnownVersions,
  isSerial: boolean,
  steps: StepBudget,
): boolean {
  const open = openVersions(versions)
  return open.length === 0 || laidOrder({ graph, txns, versions: open, isSerial }, steps).kind === 'laid'
}

/** The versions of registers with more than one write. */
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

/** The dependencies if the versions are in these orders. */
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
 * Adds the transactions that contradict each other now to the groups; groups with a common transaction are merged. If
 * nothing was added to a group, searching it again would be in vain, so its neighbours are added.
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

/**
 * Adds the transactions that a dependency connects with one of these, or that accessed the same register as one of
 * these.
 */
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

/**
 * Adds the writers of versions that one of these transactions read and another may have overwritten: the order of these
 * two writes is a choice.
 */
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
  /** The versions of each choice. */
  readonly pairs: readonly Pair[]
  /** For each node of this problem, its number in the whole graph. */
  readonly all: readonly number[]
}

/** The problem restricted to some nodes; undefined if it has too many choices. */
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

/**
 * The orders after the choices were made: the versions concerned are put in their new order, into the places that they
 * had before.
 */
function changed(orders: VersionOrders, pairs: readonly Pair[], isSwapped: readonly boolean[]): VersionOrders {
  const before = new Map<InstalledVersion, number>() // how many of these versions come before each
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

/** How many steps each search may take while a refutation is made smaller. */
const mostStepsAQuestion = 200_000
const mostQuestions = 200

/** Makes a refutation smaller: drops each transaction without which there is still no order. */
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

/** The problem without one node; the others keep their numbers. */
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
