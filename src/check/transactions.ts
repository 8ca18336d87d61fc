// The transactions of a history, and the writes and reads of each item. Knows acts; must not know versions, or what is
// expected of them.
import type { MicroOp, Transaction } from '../history/act.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation } from '../system/operation.ts'
import { attemptsOf, conventionalTransaction, type Attempted } from './acts.ts'
import type { Call } from './calls.ts'
import { identityOf } from './content.ts'
import { callAt, shown, unknownWrite } from './reason-words.ts'

/** One transaction. Ids count from 0 in order of invocation. */
export interface Txn {
  readonly id: number
  readonly steps: Transaction
  readonly call: Call
  readonly fate: Attempted<Transaction>['fate']
}

/** One write or append. */
export interface Write {
  readonly item: Item
  readonly txn: Txn
  readonly step: number
  readonly value: unknown
}

/** One read of a transaction that committed, whose value is known. */
export interface Read {
  readonly txn: Txn
  readonly step: number
  readonly value: unknown
  /** Whether the transaction had not written the item before. */
  readonly external: boolean
}

/** The object under one key: a register, which writes replace, or a list, to which transactions append. */
export interface Item {
  readonly key: string | number
  readonly list: boolean
  /** By the {@link identityOf} of the value. */
  readonly writes: ReadonlyMap<unknown, Write>
  readonly reads: readonly Read[]
  /** The last write of each transaction, by its id; its other writes are intermediate versions. */
  readonly last: ReadonlyMap<number, Write>
}

export interface Transactions {
  readonly txns: readonly Txn[]
  readonly items: readonly Item[]
}

interface OpenItem {
  readonly key: string | number
  list: boolean | undefined
  readonly writes: Map<unknown, Write>
  readonly reads: Read[]
  readonly last: Map<number, Write>
}

/**
 * The transactions of a history.
 *
 * @throws if a value is written twice, a key is both appended to and written, or a list is read as something else
 */
export function transactionsOf(
  history: History,
  operations: readonly InterpretedOperation<Transaction>[] | undefined,
): Transactions {
  const txns = attemptsOf(history, operations, conventionalTransaction).map(({ act, call, fate }, id): Txn => ({
    id,
    steps: act,
    call,
    fate,
  }))
  const items = new Map<string | number, OpenItem>()
  for (const txn of txns) for (let step = 0; step < txn.steps.length; step++) note(items, txn, step)
  return { txns, items: Array.from(items.values(), closed) }
}

/** The elements that a read returned: all of a list, or the value of a register. `null` means that nothing is there. */
export function elementsOf(item: Item, { value }: Pick<Read, 'value'>): readonly unknown[] {
  if (value === null) return []
  return item.list ? (value as readonly unknown[]) : [value] // the cast holds: `closed` has checked the reads of lists
}

function note(items: Map<string | number, OpenItem>, txn: Txn, step: number): void {
  const micro = txn.steps[step]
  if (micro === undefined) return
  const item = itemFor(items, micro[1])
  if (micro[0] !== 'r') return noteWrite(item, micro, txn, step)
  if (txn.fate !== 'ok' || micro[2] === undefined) return
  item.reads.push({ txn, step, value: micro[2], external: !item.last.has(txn.id) })
}

function itemFor(items: Map<string | number, OpenItem>, key: string | number): OpenItem {
  const known = items.get(key)
  if (known !== undefined) return known
  const item: OpenItem = { key, list: undefined, writes: new Map(), reads: [], last: new Map() }
  items.set(key, item)
  return item
}

function noteWrite(item: OpenItem, [f, key, value]: MicroOp, txn: Txn, step: number): void {
  const list = f === 'append'
  if (item.list !== undefined && item.list !== list) {
    throw new Error(
      `${callAt(txn.call)} ${list ? 'appends to' : 'writes over'} ${shown(key)}, which was ` +
        `${list ? 'written over' : 'appended to'} before; a key is either a list or a register.`,
    )
  }
  item.list = list
  if (value === undefined) throw new Error(`${callAt(txn.call)} ${unknownWrite(key)}`)
  if (value === null)
    throw new Error(
      `${callAt(txn.call)} writes ${shown(value)} to ${shown(key)}, which means that nothing is there; write a value.`,
    )
  // the cast holds: the item is closed before it is used
  const write: Write = { item: item as unknown as Item, txn, step, value }
  const identity = identityOf(value)
  const before = item.writes.get(identity)
  if (before !== undefined && before.txn.fate !== 'failed' && txn.fate !== 'failed') {
    throw new Error(
      `${callAt(txn.call)} writes ${shown(value)} to ${shown(key)}, as ${callAt(before.txn.call)} did, ` +
        'so a read of it cannot be matched to one of them. Write each value to a key once.',
    )
  }
  if (before === undefined || before.txn.fate === 'failed') item.writes.set(identity, write)
  item.last.set(txn.id, write)
}

/** Closes an item, in place, since copies of a million items would be slow. */
function closed(item: OpenItem): Item {
  item.list ??= item.reads.some(({ value }) => Array.isArray(value))
  if (item.list) {
    const strange = item.reads.find(({ value }) => value !== null && !Array.isArray(value))
    if (strange !== undefined) {
      throw new Error(
        `${callAt(strange.txn.call)} reads ${shown(item.key)} as ${shown(strange.value)}, which is no list, ` +
          'though the key is one; give all its elements as an array.',
      )
    }
  }
  return item as Item // the cast holds: `list` is set now
}
