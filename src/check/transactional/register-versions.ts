// The versions of a register, whose order no read shows. Known is: nothing there comes first; who read a version and
// then wrote made a later one; and, where transactions respect an order, what is seen later is no earlier version.
// After Elle (VLDB 2020), section 5. What follows from other dependencies is left to the search. Must not know graphs.
import type { TransactionOrder } from './anomaly.ts'
import type { Shown } from './reads.ts'
import type { Item, Txn, Write } from '../transactions.ts'
import type { Next, InstalledVersion } from './installed-version.ts'

/**
 * At most so many transactions are compared with each that begins: those that ended last. Others are left out, which
 * can only miss something.
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

/** A transaction and the versions of the item that it saw or made first and last. */
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
    if (version === undefined) continue // aborted, or intermediate
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
  if (later.first.write === undefined) return // nothing there comes first, whoever sees it
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

/** Each that begins follows those that ended before, but not before the begin of another that ended before. */
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
