// What went wrong among the transactions of a history: anomalies, worst first, as far as a model needs them. Ties the
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

/** What is known of the transactions of a history. */
export interface Judged {
  /** Worst first: what breaks weaker models before what breaks only stronger ones. */
  readonly anomalies: readonly Anomaly[]
  /** Why there is nothing to judge, where that is so. */
  readonly nothing?: string
  readonly undecided: readonly Undecided[]
}

/** What is asked of the transactions of a history. */
export interface Question {
  /** The model that is asked about. @default all models up to the order */
  readonly model?: ConsistencyModel
  /** The order that versions of one register are taken to follow, whatever transactions do. @default 'none' */
  readonly versions?: TransactionOrder
  /** How many dependencies may be looked at in search of an order of versions. @default 20_000_000 */
  readonly steps?: number
}

/** Models that respect an order, each with the order. */
export function orderOf(model: ConsistencyModel): TransactionOrder {
  if (implies(model, 'strong snapshot isolation')) return 'real time'
  return implies(model, 'strong session snapshot isolation') ? 'session' : 'none'
}

/**
 * What went wrong, up to models that respect this order.
 *
 * @throws where the history is not one of transactions, or writes cannot be told apart
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

/** Without times only the order of each client is left. */
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
 * All orders up to the strongest, which has every dependency of the others: without a cycle there is none in them.
 * Gives what stays undecided.
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

/** The worst cycle that needs this order and rules out more than those already found. */
function worst({ graph, versions, transactions, order }: KnownVersions, cycles: Anomaly[]): readonly Undecided[] {
  const [weak, strong] = limits(order)
  const out = (model: ConsistencyModel): boolean => cycles.some((one) => rulesOut(one, model))
  if (out(weak)) return []
  const cycle = worstCycle(graph, !out(strong))
  if (cycle === undefined) return []
  // Only if an unknown end was a commit: else somebody read what was rolled back
  const name = cycle.name === 'G0' && order === 'none' ? 'G1c' : cycle.name
  cycles.push(anomaly(name, cycleWords(graph, cycle.edges, transactions.txns, versions), order))
  return cycle.singleUnknown === true && order === 'none' ? [singleUnknown] : []
}

const singleUnknown: Undecided = {
  models: ['consistent view', 'parallel snapshot isolation'],
  text: 'it could not be found out within the budget whether a cycle with one anti-dependency exists.',
}

/**
 * The weakest model that a cycle of this order may break, beyond which there is nothing to look for; and the one that
 * any breaks.
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

/** How many models hold in spite of it: fewer is worse. */
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
