// Finds the anomalies among the transactions of a history, worst first, as far as a model needs them. Combines the
// inference of versions, the graph of dependencies and the search for cycles. Must not know invariants.
import type { Transaction } from '../../history/act.ts'
import type { History } from '../../history/history.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import { implies, type ConsistencyModel } from '../../verdict/consistency.ts'
import { anomalies, anomaly, rulesOut, type Anomalies, type Anomaly, type TransactionOrder } from './anomaly.ts'
import { isCyclic, overwriteCycle, worstCycle } from './cycles.ts'
import { dependencies, overwrites } from './dependencies.ts'
import type { KnownVersions } from './explaining-order.ts'
import { cycleWords } from './prose.ts'
import { internal } from './reads.ts'
import { transactionsOf, type Transactions } from '../transactions.ts'
import { unexplained, type Undecided } from './unexplained.ts'
import { evidenceOf, versionsOf, type Evidence } from './versions.ts'

/** The result for the transactions of a history. */
export interface Judged {
  /** Worst first: anomalies that violate weak models come before those that violate only strong ones. */
  readonly anomalies: readonly Anomaly[]
  /** Why there is nothing to judge, if so. */
  readonly nothing?: string
  readonly undecided: readonly Undecided[]
}

/** The question about the transactions of a history. */
export interface Question {
  /** The model in question. @default all models up to the order */
  readonly model?: ConsistencyModel
  /**
   * The order that the versions of one register are assumed to follow, independently of transactions. @default 'none'
   */
  readonly versions?: TransactionOrder
  /** How many dependencies the search for an order of versions may examine. @default 20_000_000 */
  readonly steps?: number
}

/** The order that a model respects. */
export function orderOf(model: ConsistencyModel): TransactionOrder {
  if (implies(model, 'strong snapshot isolation')) return 'real time'
  return implies(model, 'strong session snapshot isolation') ? 'session' : 'none'
}

/**
 * The anomalies, up to models that respect this order.
 *
 * @throws if the operations are not transactions, or two writes of one value cannot be told apart
 */
export function judgeTransactions(
  history: History,
  operations: readonly InterpretedOperation<Transaction>[] | undefined,
  strongest: TransactionOrder,
  { model, versions = 'none', steps = 20_000_000 }: Question = {},
): Judged {
  const transactions = transactionsOf(history, operations)
  const nothing = nothingIn(transactions)
  if (nothing !== undefined) return { anomalies: [], nothing, undecided: [] }
  const found = anomalies()
  const known: JudgedTransactions = {
    transactions,
    evidence: evidenceOf(transactions, found),
    found,
    versions: timedAs(history, versions),
  }
  internal(transactions, found)
  const cycles = overwritten(known)
  const order = timedAs(history, strongest)
  const graphs = new Map<TransactionOrder, KnownVersions>()
  const knownIn = (one: TransactionOrder): KnownVersions => {
    const versioned = graphs.get(one) ?? knownVersions(known, one)
    graphs.set(one, versioned)
    return versioned
  }
  const undecided = [...searched(order, cycles, knownIn)]
  const others = [...found.found.values()]
  const { refuted, open } = unexplained(upTo(order), knownIn, [...others, ...cycles], {
    steps,
    ...(model && { model }),
  })
  return {
    anomalies: [...others, ...cycles, ...refuted].sort((a, b) => severity(a) - severity(b)),
    undecided: [...undecided, ...open],
  }
}

/** The order as far as the history shows it: without times, only the order of each client is left. */
function timedAs({ timed }: History, order: TransactionOrder): TransactionOrder {
  return timed === false && order === 'real time' ? 'session' : order
}

interface JudgedTransactions {
  readonly transactions: Transactions
  readonly evidence: Evidence
  readonly found: Anomalies
  readonly versions: TransactionOrder
}

function nothingIn({ txns, items }: Transactions): string | undefined {
  if (txns.length === 0) return 'there is no transaction in the history.'
  if (!txns.some(({ fate }) => fate === 'ok')) return `none of ${txns.length} transactions was answered ok.`
  return items.some(({ reads }) => reads.length > 0)
    ? undefined
    : 'no transaction that was answered ok read anything: nobody saw what was written.'
}

function overwritten({ transactions, evidence }: JudgedTransactions): Anomaly[] {
  const { graph, versions } = overwrites(transactions, evidence)
  const cycle = overwriteCycle(graph)
  return cycle === undefined ? [] : [anomaly('G0', cycleWords(graph, cycle.edges, transactions.txns, versions))]
}

const orders: readonly TransactionOrder[] = ['none', 'session', 'real time']

/**
 * Searches for cycles in all orders up to the strongest. The strongest has all dependencies of the others, so if it has
 * no cycle, they have none. Returns what stays undecided.
 */
function searched(
  strongest: TransactionOrder,
  cycles: Anomaly[],
  known: (order: TransactionOrder) => KnownVersions,
): readonly Undecided[] {
  if (!isCyclic(known(strongest).graph)) return []
  return upTo(strongest).flatMap((order) => worst(known(order), cycles))
}

function upTo(strongest: TransactionOrder): readonly TransactionOrder[] {
  return orders.slice(0, orders.indexOf(strongest) + 1)
}

function knownVersions(
  { transactions, evidence, found, ...given }: JudgedTransactions,
  order: TransactionOrder,
): KnownVersions {
  const versions = versionsOf(
    evidence,
    orders.indexOf(given.versions) > orders.indexOf(order) ? given.versions : order,
    found,
  )
  const { committed } = evidence
  return { transactions, committed, order, versions, graph: dependencies(transactions, versions, committed, order) }
}

/** Adds the worst cycle that needs this order, if it violates more models than those already found. */
function worst({ graph, versions, transactions, order }: KnownVersions, cycles: Anomaly[]): readonly Undecided[] {
  const [weak, strong] = limits(order)
  const out = (model: ConsistencyModel): boolean => cycles.some((one) => rulesOut(one, model))
  if (out(weak)) return []
  const cycle = worstCycle(graph, !out(strong))
  if (cycle === undefined) return []
  // It is G0 only if a transaction without an answer committed; otherwise somebody read what was rolled back
  const name = cycle.name === 'G0' && order === 'none' ? 'G1c' : cycle.name
  cycles.push(anomaly(name, cycleWords(graph, cycle.edges, transactions.txns, versions), order))
  return cycle.singleUnknown === true && order === 'none' ? [singleUnknown] : []
}

const singleUnknown: Undecided = {
  models: ['consistent view', 'parallel snapshot isolation'],
  text: 'the budget ran out before it was clear whether a cycle with one anti-dependency exists.',
}

/**
 * The weakest model that a cycle of this order may violate, and the one that every such cycle violates. If the first is
 * violated already, there is nothing more to find.
 */
function limits(order: TransactionOrder): readonly [ConsistencyModel, ConsistencyModel] {
  switch (order) {
    case 'none':
      return ['read committed', 'serializable']
    case 'session':
      return ['strong session snapshot isolation', 'strong session serializable']
    case 'real time':
      return ['strong snapshot isolation', 'strict serializable']
    default:
      return order satisfies never
  }
}

/** How many models allow the anomaly; fewer is worse. */
function severity(one: Anomaly): number {
  return transactional.filter((model) => !rulesOut(one, model)).length
}

/** Models of transactions, weaker ones first. */
export const transactional: readonly ConsistencyModel[] = [
  'read uncommitted',
  'read committed',
  'cursor stability',
  'read atomic',
  'consistent view',
  'repeatable read',
  'parallel snapshot isolation',
  'snapshot isolation',
  'serializable',
  'strong session snapshot isolation',
  'strong snapshot isolation',
  'strong session serializable',
  'strict serializable',
]
