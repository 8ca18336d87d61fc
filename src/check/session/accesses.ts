// Accesses: what every client read and wrote, one micro-operation after the other, each with the version that it is about. A version is
// known by its value, so that written values must differ. Knows acts; must not know what is expected of the order of versions.
import type { Transaction } from '../../act.ts'
import type { History } from '../../history.ts'
import type { InterpretedOperation } from '../../operation.ts'
import { canonical, encodeValue } from '../../value.ts'
import type { Reason } from '../../verdict.ts'
import { actsOf, conventionalTransaction, type Acted } from '../acts.ts'
import { callsOf, type Call } from '../calls.ts'
import { shown, unknownWrite } from '../words.ts'
import { badRead, inNoOrder } from './bad-reads.ts'
import type { Access, Version, Versions } from './version.ts'

/** All accesses, in order of invocation. */
export interface Accesses {
  readonly accesses: readonly Access[]
  readonly versions: readonly Version[]
  readonly keys: readonly Versions[]
  /** Reads that no order of the writes explains. */
  readonly reasons: readonly Reason[]
}

interface Growing extends Versions {
  list: boolean
  written: Map<unknown, Version>
  chain: readonly Version[]
  reads: number
}

interface ListRead {
  readonly of: Growing
  readonly elements: readonly Version[]
  readonly access: Access
}

type Keys = Map<string | number, Growing>
type Acts = readonly Acted<Transaction>[]

/**
 * What the clients of a history read and wrote. Reads of what nobody wrote, and lists that contradict the longest one, are left out
 * and told as reasons.
 *
 * @throws where one value is written twice to a key, `null` is written, or a key is written to and appended to
 */
export function accessesOf(history: History, operations: readonly InterpretedOperation<Transaction>[] | undefined): Accesses {
  const acts = actsOf(history, operations, conventionalTransaction)
  const versions: Version[] = []
  const keys = writtenKeys(acts, versions)
  let failed: FailedWrites | undefined
  const failures = (): FailedWrites => (failed ??= failedWrites(history, operations))
  const { accesses, lists, reasons } = resolved(acts, keys, failures)
  const contradicting = inOrderOfLists(lists)
  const without = new Set(contradicting.map(({ access }) => access))
  return {
    accesses: without.size === 0 ? accesses : accesses.filter((access) => !without.has(access)),
    versions,
    keys: Array.from(keys.values()),
    reasons: [...reasons, ...contradicting.map(({ of, access, elements }) => inNoOrder(of, access, elements))],
  }
}

function writtenKeys(acts: Acts, versions: Version[]): Keys {
  const keys: Keys = new Map()
  for (const { act, call } of acts) {
    for (const [step, [f, key, value]] of act.entries()) {
      const of = keys.get(key) ?? opened(keys, key, f === 'append', versions)
      if (f === 'r') continue
      assertOneKind(of, f === 'append', call)
      assertNew(of, value, call)
      const version = { id: versions.length, of, value, writer: call, step }
      versions.push(version)
      of.written.set(identity(value), version)
    }
  }
  return keys
}

function opened(keys: Keys, key: string | number, list: boolean, versions: Version[]): Growing {
  const of: Omit<Growing, 'initial'> = { key, list, written: new Map(), chain: [], reads: 0 }
  const growing: Growing = Object.assign(of, { initial: { id: versions.length, of: of as Growing, value: null, writer: undefined, step: -1 } }) // whole from here on
  versions.push(growing.initial)
  keys.set(key, growing)
  return growing
}

function assertOneKind(of: Growing, list: boolean, call: Call): void {
  if (of.list === list) return
  if (of.written.size > 0) {
    throw new Error(`Key ${shown(of.key)} is both written to and appended to (${call.invoke.operation}, event ${call.invoke.seq}); use one of the two for a key.`)
  }
  of.list = list
}

function assertNew(of: Growing, value: unknown, { invoke }: Call): void {
  if (value === undefined) throw new Error(`${invoke.operation} (event ${invoke.seq}) ${unknownWrite(of.key)}`)
  if (value === null) {
    throw new Error(`${invoke.operation} (event ${invoke.seq}) writes ${shown(value)} to ${shown(of.key)}, which means that nothing is there. Write a value.`)
  }
  const before = of.written.get(identity(value))?.writer
  if (before === undefined) return
  throw new Error(`${before.invoke.operation} (event ${before.invoke.seq}) and ${invoke.operation} (event ${invoke.seq}) both write ${shown(value)} to ${shown(of.key)}, ` +
    'so that a read does not show which of them it saw. Let every write of a key have a value of its own.')
}

/** Equal values have one identity; texts and objects cannot be mistaken for each other. */
function identity(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? `object ${canonical(encodeValue(value))}` : typeof value === 'string' ? `text ${value}` : value
}

interface Resolved {
  readonly accesses: Access[]
  readonly lists: ListRead[]
  readonly reasons: Reason[]
}

function resolved(acts: Acts, keys: Keys, failures: () => FailedWrites): Resolved {
  const found: Resolved = { accesses: [], lists: [], reasons: [] }
  for (const { act, call, known } of acts) {
    for (const [step, [f, key, value]] of act.entries()) {
      const of = keys.get(key)
      if (of === undefined || (f === 'r' && (value === undefined || !known))) continue
      if (f === 'r') resolveRead(found, of, { call, step, value }, failures)
      else pushWrite(found, of, value, call, known)
    }
  }
  return found
}

function pushWrite({ accesses }: Resolved, of: Growing, value: unknown, call: Call, known: boolean): void {
  const version = of.written.get(identity(value))
  if (version !== undefined) accesses.push({ kind: 'write', version, call, known })
}

/** A read as it was answered. */
interface Answered {
  readonly call: Call
  readonly step: number
  readonly value: unknown
}

function resolveRead({ accesses, lists, reasons }: Resolved, of: Growing, read: Answered, failures: () => FailedWrites): void {
  const values = valuesRead(of, read)
  const elements: Version[] = []
  for (const value of values) {
    const version = of.written.get(identity(value))
    if (version === undefined || isLater(version, read)) {
      reasons.push(badRead(of.key, read, value, version?.writer, failures().get(of.key)?.get(identity(value)) ?? []))
      return
    }
    elements.push(version)
  }
  of.reads += 1
  const access: Access = { kind: 'read', version: elements.at(-1) ?? of.initial, call: read.call, known: true }
  accesses.push(access)
  if (of.list) lists.push({ of, elements, access })
}

/** A list that nobody appended to is known by its reads only. */
function valuesRead({ key, list, written }: Growing, { call, value }: Answered): readonly unknown[] {
  if (value === null) return []
  if (Array.isArray(value) && (list || written.size === 0)) return value
  if (!list) return [value]
  throw new Error(`${call.invoke.operation} (event ${call.invoke.seq}) read ${shown(value)} of ${shown(key)}, which is appended to; a read of it gives a list.`)
}

/** Whether a version cannot have been there for a read: asked for after the read had ended. */
function isLater({ writer, step }: Version, read: Answered): boolean {
  if (writer === undefined || read.call.end === undefined) return false
  return writer === read.call ? step > read.step : writer.invoke.seq > read.call.end.seq
}

/** Gives each list its chain: the longest read of it. Which others are no beginning of that? */
function inOrderOfLists(lists: readonly ListRead[]): readonly ListRead[] {
  for (const { of, elements } of lists) {
    if (elements.length > of.chain.length && new Set(elements).size === elements.length) of.chain = elements
  }
  return lists.filter(({ of, elements }) => !elements.every((version, place) => of.chain[place] === version))
}

/** The calls of operations that failed, by what they would have written. */
type FailedWrites = ReadonlyMap<string | number, ReadonlyMap<unknown, readonly Call[]>>

function failedWrites(history: History, operations: readonly InterpretedOperation<Transaction>[] | undefined): FailedWrites {
  const failed = new Map(callsOf(history).filter(({ end }) => end?.kind === 'fail').map((call) => [call.invoke.invocation, call]))
  const events = history.events.map((event) => (event.kind === 'fail' ? { ...event, kind: 'info' as const } : event)) // a meaning is given to what may have happened
  const writes = new Map<string | number, Map<unknown, Call[]>>()
  for (const { act, call } of actsOf({ ...history, events }, operations, conventionalTransaction)) {
    const original = failed.get(call.invoke.invocation)
    if (original === undefined) continue
    for (const [f, key, value] of act) {
      if (f === 'r') continue
      const ofKey = writes.get(key) ?? new Map<unknown, Call[]>()
      writes.set(key, ofKey)
      ofKey.set(identity(value), [...ofKey.get(identity(value)) ?? [], original])
    }
  }
  return writes
}
