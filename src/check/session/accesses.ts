// Accesses: the reads and writes of all clients, one micro-operation at a time, each with the version that it read or
// wrote. The value identifies a version. Knows transactions; must not know what is expected of the order of versions.
import type { Transaction } from '../../history/act.ts'
import type { History } from '../../history/history.ts'
import type { InterpretedOperation } from '../../system/operation.ts'
import type { Reason } from '../../verdict/reason.ts'
import {
  abortedRead,
  duplicateElement,
  futureRead,
  incompatibleOrder,
  readTooEarly,
  thinAir,
  type Answered,
} from '../bad-reads.ts'
import { identityOf } from '../content.ts'
import { elementsOf, transactionsOf, type Item, type Txn } from '../transactions.ts'
import type { Access, Version, KeyVersions } from './version.ts'

/** All accesses, in order of invocation. */
export interface Accesses {
  readonly accesses: readonly Access[]
  readonly versions: readonly Version[]
  readonly keys: readonly KeyVersions[]
  /** Reasons for reads that no order of the writes can explain. */
  readonly reasons: readonly Reason[]
}

interface GrowingVersions extends KeyVersions {
  readonly item: Item
  chain: readonly Version[]
  /** The read that returned the chain. */
  longest: Answered | undefined
  reads: number
}

interface ListRead extends Answered {
  readonly of: GrowingVersions
  readonly elements: readonly Version[]
  readonly access: Access
}

/**
 * The reads and writes of the clients of a history. A read of a value that nobody wrote, or of a list that contradicts
 * the longest one, is left out and reported as a reason.
 *
 * @throws as {@link transactionsOf}
 */
export function accessesOf(
  history: History,
  operations: readonly InterpretedOperation<Transaction>[] | undefined,
): Accesses {
  const { txns, items } = transactionsOf(history, operations)
  const versions: Version[] = []
  const keys = new Map(items.map((item) => [item.key, opened(item, versions)]))
  const { accesses, lists, reasons } = resolved(txns, keys)
  const contradicting = inOrderOfLists(lists)
  const without = new Set(contradicting.map(({ access }) => access))
  return {
    accesses: without.size === 0 ? accesses : accesses.filter((access) => !without.has(access)),
    versions,
    keys: Array.from(keys.values()),
    reasons: [...reasons, ...contradicting.map(inNoOrder)],
  }
}

/** An item with its versions: the initial one, and one for each write that may have happened. */
function opened(item: Item, versions: Version[]): GrowingVersions {
  const written = new Map<unknown, Version>()
  const of: Omit<GrowingVersions, 'initial'> = {
    item,
    key: item.key,
    list: item.list,
    written,
    chain: [],
    longest: undefined,
    reads: 0,
  }
  const growing: GrowingVersions = Object.assign(of, {
    initial: { id: versions.length, of: of as GrowingVersions, value: null, writer: undefined, step: -1 },
  }) // `of` is complete from here on
  versions.push(growing.initial)
  for (const [identity, { txn, value, step }] of item.writes) {
    if (txn.fate === 'failed') continue
    const version = { id: versions.length, of: growing, value, writer: txn.call, step }
    versions.push(version)
    written.set(identity, version)
  }
  return growing
}

interface Resolved {
  readonly accesses: Access[]
  readonly lists: ListRead[]
  readonly reasons: Reason[]
}

function resolved(txns: readonly Txn[], keys: ReadonlyMap<string | number, GrowingVersions>): Resolved {
  const found: Resolved = { accesses: [], lists: [], reasons: [] }
  for (const { steps, call, fate } of txns) {
    if (fate === 'failed') continue
    for (const [step, [f, key, value]] of steps.entries()) {
      const of = keys.get(key)
      if (of === undefined || (f === 'r' && (value === undefined || fate !== 'ok'))) continue
      if (f === 'r') resolveRead(found, of, { call, step, value })
      else {
        const version = of.written.get(identityOf(value))
        if (version !== undefined) found.accesses.push({ kind: 'write', version, call, known: fate === 'ok' })
      }
    }
  }
  return found
}

interface AccessStep extends Answered {
  readonly step: number
}

function resolveRead({ accesses, lists, reasons }: Resolved, of: GrowingVersions, read: AccessStep): void {
  const elements: Version[] = []
  for (const value of elementsOf(of.item, read)) {
    const version = of.written.get(identityOf(value))
    if (version === undefined || isLater(version, read)) {
      reasons.push(badRead(of.item, read, value, version))
      return
    }
    elements.push(version)
  }
  of.reads += 1
  const access: Access = { kind: 'read', version: elements.at(-1) ?? of.initial, call: read.call, known: true }
  accesses.push(access)
  if (of.list) lists.push({ of, elements, access, call: read.call, value: read.value })
}

/** Whether a read cannot have seen a version, since its write was invoked only after the read had ended. */
function isLater({ writer, step }: Version, read: AccessStep): boolean {
  if (writer === undefined || read.call.end === undefined) return false
  return writer === read.call ? step > read.step : writer.invoke.seq > read.call.end.seq
}

function badRead(item: Item, read: AccessStep, value: unknown, later: Version | undefined): Reason {
  if (later?.writer !== undefined)
    return later.writer === read.call ? futureRead(item, read, value) : readTooEarly(item, read, value, later.writer)
  const failed = item.writes.get(identityOf(value))?.txn
  return failed === undefined ? thinAir(item, read, value) : abortedRead(item, read, value, failed.call)
}

/** Gives each list its chain, which is the longest read of it. Returns the reads that are not a prefix of the chain. */
function inOrderOfLists(lists: readonly ListRead[]): readonly ListRead[] {
  for (const { of, elements, call, value } of lists) {
    if (elements.length <= of.chain.length || repeated(elements) !== undefined) continue
    of.chain = elements
    of.longest = { call, value }
  }
  return lists.filter(({ of, elements }) => !elements.every((version, place) => of.chain[place] === version))
}

function inNoOrder(read: ListRead): Reason {
  const {
    of: { item, longest },
    elements,
  } = read
  const twice = repeated(elements)
  return twice === undefined && longest !== undefined
    ? incompatibleOrder(item, read, longest)
    : duplicateElement(item, read, twice?.value)
}

function repeated(elements: readonly Version[]): Version | undefined {
  const seen = new Set<Version>()
  return elements.find((version) => seen.size === seen.add(version).size)
}
