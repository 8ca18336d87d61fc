// The reads and writes of each transaction on registers with several writes, and when it ended. Must not know orders.
import type { Txn } from '../transactions.ts'
import type { EventGraph } from './event-graph.ts'
import type { InstalledVersion } from './installed-version.ts'

/** The accesses of a transaction to registers with several writes. */
export interface RegisterAccesses {
  readonly read: Set<InstalledVersion>
  readonly written: InstalledVersion[]
}

export function accessesOf(versions: readonly InstalledVersion[]): ReadonlyMap<number, RegisterAccesses> {
  const accesses = new Map<number, RegisterAccesses>()
  const of = ({ id }: Txn): RegisterAccesses => {
    const own = accesses.get(id) ?? { read: new Set(), written: [] }
    accesses.set(id, own)
    return own
  }
  for (const version of versions) {
    if (version.write !== undefined) of(version.write.txn).written.push(version)
    for (const { txn } of version.readers) of(txn).read.add(version)
  }
  return accesses
}

/**
 * When the transaction of each event ended or, if that is not known, when the first transaction that read its writes
 * ended. Meeting points come first.
 */
export function momentsOf(
  txns: readonly Txn[],
  { events, nodeOf }: EventGraph,
  accesses: ReadonlyMap<number, RegisterAccesses>,
): Float64Array {
  const ends = txns.map(({ fate, call }) => (fate === 'ok' ? (call.end?.seq ?? Infinity) : Infinity))
  for (const [writer, { written }] of accesses) {
    if (ends[writer] !== Infinity) continue
    for (const { readers } of written)
      for (const { txn } of readers) ends[writer] = Math.min(ends[writer] ?? Infinity, ends[txn.id] ?? Infinity)
  }
  return Float64Array.from({ length: events }, (_, event) => ends[nodeOf(event)] ?? -1)
}
