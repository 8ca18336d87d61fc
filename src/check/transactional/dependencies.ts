// Dependencies among transactions: Adya's direct serialization graph, built from versions, with the order of sessions
// and of real time. Knows versions and graphs; must not know cycles.
import type { TransactionOrder } from './anomaly.ts'
import { graphOf, type Graph, type GraphBuilder } from './graph.ts'
import { certainOrder } from './list-versions.ts'
import type { Transactions, Txn } from '../transactions.ts'
import type { InstalledVersion } from './installed-version.ts'
import type { Evidence } from './versions.ts'

/** All dependencies, including those of this order. */
export function dependencies(
  { txns }: Transactions,
  versions: readonly InstalledVersion[],
  committed: (txn: Txn) => boolean,
  order: TransactionOrder,
): Graph {
  const graph = graphOf(txns.length)
  versions.forEach((version, place) => {
    written(graph, version, place)
    overwritten(graph, version, place)
  })
  if (order === 'session') sessions(graph, txns, committed)
  if (order === 'real time') realTime(graph, txns, committed)
  return graph.built()
}

/**
 * The order of appends that certainly happened. These are the only dependencies that count in a model that promises
 * nothing about reads.
 */
export function overwrites(
  { txns }: Transactions,
  { items }: Evidence,
): { readonly graph: Graph; readonly versions: readonly InstalledVersion[] } {
  const graph = graphOf(txns.length)
  const versions: InstalledVersion[] = []
  for (const { item, shown } of items) {
    const certain = item.list ? certainOrder(item, shown) : undefined
    if (certain === undefined) continue
    const { order, unread } = certain
    order.forEach((write, index) => {
      const later = order[index + 1]
      const next = (later === undefined ? unread : [later]).map((one) => ({ write: one }))
      const version: InstalledVersion = { item, write, readers: [], next }
      overwritten(graph, version, versions.push(version) - 1)
    })
  }
  return { graph: graph.built(), versions }
}

function written(graph: GraphBuilder, { write, readers }: InstalledVersion, place: number): void {
  if (write === undefined) return
  for (const { txn } of readers) graph.edge('wr', write.txn.id, txn.id, place)
}

/** Edges from the writer and the readers of a version to the writers of the next versions. */
function overwritten(graph: GraphBuilder, version: InstalledVersion, place: number): void {
  const { write, readers, next } = version
  const direct = (kind: 'ww' | 'rw', from: Txn): void =>
    next.forEach((later, index) => graph.edge(kind, from.id, later.write.txn.id, place, index))
  if (next.length <= 1 || readers.length === 0) {
    if (write !== undefined) direct('ww', write.txn)
    for (const { txn } of readers) if (txn !== write?.txn) direct('rw', txn)
    return
  }
  const writers = new Set(next.map((later) => later.write.txn))
  const point = graph.point()
  next.forEach((later, index) => graph.edge('on', point, later.write.txn.id, place, index))
  if (write !== undefined) {
    if (writers.has(write.txn)) direct('ww', write.txn)
    else graph.edge('ww', write.txn.id, point, place)
  }
  let itself: Txn | undefined
  for (const { txn } of readers) {
    if (txn === write?.txn) continue
    if (!writers.has(txn)) graph.edge('rw', txn.id, point, place)
    else if (itself === undefined || itself === txn) {
      // a second such reader is left out: the lost update is reported anyway, and says more
      itself = txn
      direct('rw', txn)
    }
  }
}

/** Orders the transactions of each client. One without an answer may have happened at any later time. */
function sessions(graph: GraphBuilder, txns: readonly Txn[], committed: (txn: Txn) => boolean): void {
  const latest = new Map<number, Txn>()
  for (const txn of txns) {
    if (!committed(txn)) continue
    const before = latest.get(txn.call.invoke.client)
    if (before !== undefined) graph.edge('session', before.id, txn.id)
    if (txn.fate === 'ok') latest.set(txn.call.invoke.client, txn)
  }
}

/**
 * Orders transactions by real time, with one meeting point for each end: all transactions that ended before lead to it,
 * and it leads to all that begin later.
 */
function realTime(graph: GraphBuilder, txns: readonly Txn[], committed: (txn: Txn) => boolean): void {
  const ended = txns.filter(({ fate }) => fate === 'ok').sort((a, b) => endOf(a) - endOf(b))
  let done = 0
  let point: number | undefined
  for (const txn of txns) {
    if (!committed(txn)) continue
    for (let one = ended[done]; one !== undefined && endOf(one) < txn.call.invoke.seq; one = ended[done]) {
      const later = graph.point()
      if (point !== undefined) graph.edge('on', point, later)
      graph.edge('real time', one.id, later)
      point = later
      done += 1
    }
    if (point !== undefined) graph.edge('on', point, txn.id)
  }
}

function endOf({ call }: Txn): number {
  return call.end?.seq ?? Infinity
}
