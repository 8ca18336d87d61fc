// The versions of a register. No read shows their order, but three things are known: the initial version comes first;
// if a transaction read a version and then wrote, its version is later; and if transactions respect an order, a version
// that is seen later is not an earlier one. After Elle (VLDB 2020), section 5. The search decides what follows from
// other dependencies. Must not know graphs.
import type { TransactionOrder } from './anomaly.ts'
import type { Shown } from './reads.ts'
import type { Item, Txn, Write } from '../transactions.ts'
import type { Next, InstalledVersion } from './installed-version.ts'

/**
 * How many of the transactions that ended last are compared with each that begins. Leaving out others can only miss
 * something.
 */
const mostCompared = 64

export function registerVersions(
  item: Item,
  all: readonly Shown[],
  committed: (txn: Txn) => boolean,
  order: TransactionOrder,
): readonly InstalledVersion[] {
  const nothing: InstalledVersion = { item, write: undefined, readers: [], next: [] }
  const versions = new Map<Write, InstalledVersion>()
  for (const write of item.last.values())
    if (committed(write.txn)) versions.set(write, { item, write, readers: [], next: [] })
  for (const write of versions.keys()) nothing.next.push({ write })
  const touches = touchesOf(all, nothing, versions)
  if (order === 'session') bySession(touches)
  if (order === 'real time') byTime(touches)
  return [nothing, ...versions.values()]
}

/** A transaction, with the first and the last version of the item that it read or wrote. */
interface Touch {
  readonly txn: Txn
  first: InstalledVersion
  last: InstalledVersion
}

function touchesOf(
  all: readonly Shown[],
  nothing: InstalledVersion,
  versions: ReadonlyMap<Write, InstalledVersion>,
): readonly Touch[] {
  const touches = new Map<number, Touch>()
  for (const {
    read,
    writes: [write],
  } of all) {
    const version = read.value === null ? nothing : write && versions.get(write)
    if (version === undefined) continue // an aborted or intermediate write
    version.readers.push(read)
    if (read.external && !touches.has(read.txn.id))
      touches.set(read.txn.id, { txn: read.txn, first: version, last: version })
  }
  for (const [write, version] of versions) {
    const touch = touches.get(write.txn.id)
    if (touch === undefined) touches.set(write.txn.id, { txn: write.txn, first: version, last: version })
    else {
      if (touch.first !== nothing) link(touch.first, { write })
      touch.last = version
    }
  }
  return [...touches.values()].sort((a, b) => a.txn.id - b.txn.id)
}

function link({ write, next }: InstalledVersion, later: Next): void {
  if (write !== later.write) next.push(later)
}

function follow(earlier: Touch, later: Touch, order: 'session' | 'real time'): void {
  if (later.first.write === undefined) return // the initial version comes first, no matter who sees it
  link(earlier.last, { write: later.first.write, why: { order, first: earlier.txn, then: later.txn } })
}

function bySession(touches: readonly Touch[]): void {
  const before = new Map<number, Touch>()
  for (const touch of touches) {
    const { invoke, end } = touch.txn.call
    const earlier = before.get(invoke.client)
    if (earlier !== undefined) follow(earlier, touch, 'session')
    if (end?.kind === 'ok') before.set(invoke.client, touch)
  }
}

/**
 * Each transaction that begins follows those that ended before, except those that ended even before one of these began.
 */
function byTime(touches: readonly Touch[]): void {
  let latest: Touch[] = []
  for (const { touch, ends } of moments(touches)) {
    if (ends) {
      latest = latest
        .filter((one) => (one.txn.call.end?.seq ?? Infinity) > touch.txn.call.invoke.seq)
        .slice(1 - mostCompared)
      latest.push(touch)
    } else for (const earlier of latest) follow(earlier, touch, 'real time')
  }
}

function moments(
  touches: readonly Touch[],
): readonly { readonly touch: Touch; readonly ends: boolean; readonly seq: number }[] {
  const all = touches.flatMap((touch) => {
    const { invoke, end } = touch.txn.call
    return [
      { touch, ends: false, seq: invoke.seq },
      ...(end?.kind === 'ok' ? [{ touch, ends: true, seq: end.seq }] : []),
    ]
  })
  return all.sort((a, b) => a.seq - b.seq)
}
