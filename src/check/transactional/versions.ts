// The versions of all items: those of lists as reads show them, those of registers as far as they are known; and lost
// updates among them. Knows items and reads; must not know graphs.
import { shown } from '../reason-words.ts'
import type { Anomalies, TransactionOrder } from './anomaly.ts'
import { listVersions } from './list-versions.ts'
import { by, shownBy, readReason, type Shown } from './reads.ts'
import { registerVersions } from './register-versions.ts'
import type { Item, Transactions, Txn, Write } from '../transactions.ts'
import type { InstalledVersion } from './installed-version.ts'

/**
 * What reads of each item show, and which transactions committed. A transaction without an answer must have committed
 * if somebody read its write.
 */
export interface Evidence {
  readonly items: readonly { readonly item: Item; readonly shown: readonly Shown[] }[]
  readonly committed: (txn: Txn) => boolean
}

export function evidenceOf({ items }: Transactions, found: Anomalies): Evidence {
  const read = new Set<number>()
  const all = items.map((item) => {
    const shown = shownBy(item, found)
    const done = new Set<readonly Write[]>()
    for (const { writes } of shown) {
      if (done.has(writes)) continue
      done.add(writes)
      for (const write of writes) if (write.txn.fate === 'unknown') read.add(write.txn.id)
    }
    return { item, shown }
  })
  return { items: all, committed: ({ fate, id }) => fate === 'ok' || (fate === 'unknown' && read.has(id)) }
}

/** The versions of all items, as far as they are known if transactions respect this order. */
export function versionsOf(
  { items, committed }: Evidence,
  order: TransactionOrder,
  found: Anomalies,
): readonly InstalledVersion[] {
  const versions: InstalledVersion[] = []
  for (const { item, shown } of items) {
    const own = item.list
      ? listVersions(item, shown, committed, found)
      : registerVersions(item, shown, committed, order)
    lostUpdate(own, found)
    for (const version of own) versions.push(version)
  }
  return versions
}

/** Finds two transactions that read one version and both overwrote it. */
function lostUpdate(versions: readonly InstalledVersion[], found: Anomalies): void {
  for (const { item, write, readers } of versions) {
    let first: Txn | undefined
    for (const { txn, external } of readers) {
      if (!external || txn === write?.txn || txn === first || !item.last.has(txn.id)) continue
      if (first === undefined) first = txn
      else {
        const [one, other] = [first, txn]
        const state = write === undefined ? 'nothing' : `the state that ${shown(write.value)} made`
        found.add('lost update', () =>
          readReason(
            `${by(one)} and ${by(other)} both read ${state} of ${shown(item.key)} before they wrote to it; ` +
              'expected that no update overwrites what it has not read.',
            item,
            one,
            other,
          ),
        )
      }
    }
  }
}
