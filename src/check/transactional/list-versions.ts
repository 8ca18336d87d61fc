// The versions of a list: every read shows the order of all appends so far, and elements that were never read came
// later. After Elle (VLDB 2020), which calls lists traceable. Knows items and reads; must not know graphs.
import { incompatibleOrder } from '../bad-reads.ts'
import { shown } from '../reason-words.ts'
import type { Anomalies } from './anomaly.ts'
import { by, readReason, type Shown } from './reads.ts'
import type { Item, Txn, Write } from '../transactions.ts'
import type { InstalledVersion } from './installed-version.ts'

export function listVersions(
  item: Item,
  all: readonly Shown[],
  committed: (txn: Txn) => boolean,
  found: Anomalies,
): readonly InstalledVersion[] {
  const longest = longestOf(all)
  const order = longest?.writes.slice(0, longest.count) ?? []
  const versions: InstalledVersion[] = [undefined, ...order].map((write) => ({ item, write, readers: [], next: [] }))
  order.forEach((write, index) => versions[index]?.next.push({ write }))
  const later = unread(item, order, committed)
  for (const write of later) versions.at(-1)?.next.push({ write })
  for (const each of all) {
    if (isBeginning(each, longest, order)) versions[each.count]?.readers.push(each.read)
    else if (longest !== undefined) found.add('incompatible order', () => incompatible(item, each, longest))
  }
  const swapped = outOfOrder(order, later)
  if (swapped !== undefined && longest !== undefined)
    found.add('incompatible order', () => ownOrder(item, longest, swapped))
  return versions
}

/** The order of the appends to an item that certainly happened; undefined if reads disagree. */
export function certainOrder(
  item: Item,
  all: readonly Shown[],
): { readonly order: readonly Write[]; readonly unread: readonly Write[] } | undefined {
  const certain = ({ txn }: Write): boolean => txn.fate === 'ok'
  const plain = all.every(({ writes }, index) => writes === all[index - 1]?.writes || writes.every(certain))
  const filtered = plain
    ? all
    : all.map(({ read, writes, count }) => {
        const left = writes.slice(0, count).filter(certain)
        return { read, writes: left, count: left.length }
      })
  const longest = longestOf(filtered)
  const order = longest?.writes.slice(0, longest.count) ?? []
  const later = unread(item, order, ({ fate }) => fate === 'ok')
  if (!filtered.every((each) => isBeginning(each, longest, order)) || outOfOrder(order, later) !== undefined)
    return undefined
  return { order, unread: later }
}

function longestOf(all: readonly Shown[]): Shown | undefined {
  return all.reduce<Shown | undefined>(
    (best, each) => (best === undefined || each.count > best.count ? each : best),
    undefined,
  )
}

function isBeginning({ writes, count }: Shown, longest: Shown | undefined, order: readonly Write[]): boolean {
  if (writes === longest?.writes) return true
  for (let index = 0; index < count; index++) if (writes[index] !== order[index]) return false
  return true
}

function unread(item: Item, order: readonly Write[], committed: (txn: Txn) => boolean): readonly Write[] {
  if (order.length === item.writes.size) return []
  const read = new Set(order)
  return [...item.writes.values()].filter((write) => !read.has(write) && committed(write.txn))
}

/** Two appends of one transaction that are in the list in the opposite order. */
function outOfOrder(order: readonly Write[], later: readonly Write[]): readonly [Write, Write] | undefined {
  const latest = new Map<number, Write>()
  for (const writes of [order, later]) {
    for (const write of writes) {
      const before = latest.get(write.txn.id)
      if (before !== undefined && before.step > write.step) return [before, write]
      latest.set(write.txn.id, write)
    }
  }
  return undefined
}

function incompatible(item: Item, { read }: Shown, { read: other }: Shown): ReturnType<typeof readReason> {
  return incompatibleOrder(
    item,
    { call: read.txn.call, value: read.value },
    { call: other.txn.call, value: other.value },
  )
}

function ownOrder(
  item: Item,
  { read }: Shown,
  [first, second]: readonly [Write, Write],
): ReturnType<typeof readReason> {
  return readReason(
    `${by(read.txn)} read ${shown(read.value)} of ${shown(item.key)}, but ${by(first.txn)} appended ` +
      `${shown(second.value)} before ${shown(first.value)}; expected its order.`,
    item,
    read.txn,
    first.txn,
  )
}
