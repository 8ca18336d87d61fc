// Anomalies of a single read: values from thin air, of aborted transactions, of intermediate writes, or against the
// transaction's own steps. Knows items; must not know versions or graphs.
import type { Reason } from '../../verdict/reason.ts'
import { abortedRead, duplicateElement, futureRead, thinAir, wrote } from '../bad-reads.ts'
import { identityOf } from '../content.ts'
import { elementsOf, type Item, type Read, type Transactions, type Txn, type Write } from '../transactions.ts'
import { seconds, seqs, shown, who } from '../reason-words.ts'
import type { Anomalies } from './anomaly.ts'

/** A read, and the writes that it shows, without those that never became a version. */
export interface Shown {
  readonly read: Read
  /** A list that several reads share; this read shows the first `count` of it. */
  readonly writes: readonly Write[]
  readonly count: number
}

/** The writes that each read of an item shows, in order. Collects the anomalies of these reads. */
export function shownBy(item: Item, found: Anomalies): readonly Shown[] {
  const longest = longestRead(item)
  const whole = longest === undefined ? undefined : examined(item, longest, found)
  return item.reads.map((read) => {
    const shared = whole !== undefined && longest !== undefined && isPrefix(item, read, longest, whole)
    const writes = shared ? whole : examined(item, read, found)
    const count = shared ? elementsOf(item, read).length : writes.length
    intermediate(item, read, writes[count - 1], found)
    future(item, read, writes, count, found)
    return { read, writes, count }
  })
}

function longestRead(item: Item): Read | undefined {
  if (!item.list) return undefined
  return item.reads.reduce<Read | undefined>(
    (best, read) => (best === undefined || elementsOf(item, read).length > elementsOf(item, best).length ? read : best),
    undefined,
  )
}

/** Whether a read is a prefix of the longest one. Most are, and then no element has to be looked up. */
function isPrefix(item: Item, read: Read, longest: Read, whole: readonly Write[]): boolean {
  const [elements, all] = [elementsOf(item, read), elementsOf(item, longest)]
  return whole.length === all.length && elements.every((element, index) => element === all[index])
}

const none: readonly Write[] = []

function examined(item: Item, read: Read, found: Anomalies): readonly Write[] {
  const elements = elementsOf(item, read)
  if (elements.length === 0) return none
  const writes: Write[] = []
  const before = new Set<Write>()
  for (const element of elements) {
    const write = item.writes.get(identityOf(element))
    if (write === undefined) found.add('thin air', () => thinAir(item, answered(read), element))
    else if (write.txn.fate === 'failed')
      found.add('G1a', () => abortedRead(item, answered(read), element, write.txn.call))
    else if (before.has(write)) found.add('duplicate element', () => duplicateElement(item, answered(read), element))
    else {
      writes.push(write)
      if (elements.length > 1) before.add(write)
    }
  }
  return writes
}

function intermediate(item: Item, read: Read, write: Write | undefined, found: Anomalies): void {
  if (write === undefined || write.txn === read.txn) return
  const last = item.last.get(write.txn.id)
  if (last === undefined || last === write) return
  found.add('G1b', () =>
    readReason(
      `${by(read.txn)} read ${shown(read.value)} of ${shown(item.key)}, but ${by(write.txn)}, which ` +
        `${wrote(item)} ${shown(write.value)}, ${wrote(item)} ${shown(last.value)} after it; expected only what ` +
        'stood at its end.',
      item,
      read.txn,
      write.txn,
    ),
  )
}

/** Finds own writes that a read shows before the transaction makes them. */
function future(item: Item, read: Read, writes: readonly Write[], count: number, found: Anomalies): void {
  const { txn, step } = read
  if ((item.last.get(txn.id)?.step ?? 0) <= step) return
  const ahead = writes.findIndex((write) => write.txn === txn && write.step > step)
  const write = writes[ahead]
  if (write !== undefined && ahead < count)
    found.add('future read', () => futureRead(item, answered(read), write.value))
}

/** Finds reads that contradict what the transaction itself read or wrote before: Cerone's INT. */
export function internal({ txns, items }: Transactions, found: Anomalies): void {
  const byKey = new Map(items.map((item) => [item.key, item]))
  for (const txn of txns) if (txn.fate === 'ok' && comesBack(txn)) walk(txn, byKey, found)
}

/** Whether the transaction accesses a key more than once. */
function comesBack({ steps }: Txn): boolean {
  if (steps.length <= 8) return steps.some(([, key], index) => steps.findIndex((step) => step[1] === key) < index)
  return new Set(steps.map(([, key]) => key)).size < steps.length
}

/** What a transaction has to read: the whole value or, for a list that it has not read yet, only its end. */
interface ExpectedRead {
  readonly whole: boolean
  readonly elements: readonly unknown[]
}

function walk(txn: Txn, items: ReadonlyMap<string | number, Item>, found: Anomalies): void {
  const states = new Map<string | number, ExpectedRead>()
  for (const [f, key, value] of txn.steps) {
    const item = items.get(key)
    if (item === undefined || value === undefined) continue
    const before = states.get(key)
    if (f === 'r') {
      const elements = elementsOf(item, { value })
      if (before !== undefined && !agrees(before, elements))
        found.add('internal', () => inconsistent(item, txn, value, before))
      states.set(key, { whole: true, elements })
    } else {
      states.set(
        key,
        item.list
          ? { whole: before?.whole ?? false, elements: [...(before?.elements ?? []), value] }
          : { whole: true, elements: [value] },
      )
    }
  }
}

function agrees({ whole, elements }: ExpectedRead, read: readonly unknown[]): boolean {
  const skipped = read.length - elements.length
  return (
    (whole ? skipped === 0 : skipped >= 0) &&
    elements.every((element, index) => identityOf(element) === identityOf(read[skipped + index]))
  )
}

function inconsistent(
  item: Item,
  txn: Txn,
  value: unknown,
  { whole, elements }: ExpectedRead,
): ReturnType<typeof readReason> {
  const state = item.list ? shown(elements) : shown(elements[0] ?? null)
  return readReason(
    `${by(txn)} read ${shown(value)} of ${shown(item.key)}; by its own steps before, expected ` +
      `${whole ? state : `a list that ends with ${state}`}.`,
    item,
    txn,
  )
}

function answered({ txn, value }: Read): { readonly call: Txn['call']; readonly value: unknown } {
  return { call: txn.call, value }
}

/** `txn of client 0 at 0.010 s`: a transaction in a sentence, identified by when it was invoked. */
export function by({ call }: Txn): string {
  return `${who(call)} at ${seconds(call.invoke.atMs)}`
}

export function readReason(text: string, item: Item, ...txns: readonly Txn[]): Omit<Reason, 'kind' | 'of'> {
  return {
    text,
    subject: item.key,
    events: seqs(
      [],
      txns.map(({ call }) => call),
    ),
  }
}
