// Bad reads: values that no order of the writes can explain. A read from thin air, of an operation that failed, of a
// write that the same transaction made only later, or of lists that contradict each other. Makes the reasons only; must
// not know how reads were matched with writes.
import { anomalyFailure, type AnomalyName, type Reason } from '../verdict/reason.ts'
import type { Call } from './calls.ts'
import type { Item } from './transactions.ts'
import { seconds, seqs, shown, toldAt, who } from './reason-words.ts'

/** A read, and the value that it returned. */
export interface Answered {
  readonly call: Call
  readonly value: unknown
}

/** The reason for a value that nobody wrote. */
export function thinAir(item: Item, read: Answered, value: unknown): Reason {
  return bad('thin air', item, read, `but nobody ${wrote(item)} ${shown(value)}; expected only what was written.`)
}

/** The reason for a value that was written only after the read had been answered. */
export function readTooEarly(item: Item, read: Answered, value: unknown, writer: Call): Reason {
  return bad(
    'thin air',
    item,
    read,
    `but ${shown(value)} was asked for only at ${seconds(writer.invoke.atMs)}; expected only what was written.`,
    writer,
  )
}

/** The reason for a value that the transaction itself wrote, but after the read. */
export function futureRead(item: Item, read: Answered, value: unknown): Reason {
  return bad(
    'future read',
    item,
    read,
    `but ${wrote(item)} ${shown(value)} itself only after that; expected only what was written.`,
  )
}

/** The reason for a value that only a failed operation wrote: Adya's G1a. */
export function abortedRead(item: Item, read: Answered, value: unknown, writer: Call): Reason {
  return bad(
    'G1a',
    item,
    read,
    `but ${who(writer)}, which ${wrote(item)} ${shown(value)}, failed at ${toldAt(writer)}; expected only what ` +
      'was committed.',
    writer,
  )
}

/** The reason for a list that shows an element twice. */
export function duplicateElement(item: Item, read: Answered, element: unknown): Reason {
  return bad('duplicate element', item, read, `with ${shown(element)} more than once; expected each element once.`)
}

/** The reason for two lists of which neither is a prefix of the other. */
export function incompatibleOrder(item: Item, read: Answered, other: Answered): Reason {
  return bad(
    'incompatible order',
    item,
    read,
    `and ${who(other.call)} read ${shown(other.value)}; expected one order of what is appended.`,
    other.call,
  )
}

function bad(
  name: AnomalyName,
  { key }: Item,
  { call, value }: Answered,
  why: string,
  ...others: readonly Call[]
): Reason {
  return {
    text: `${who(call)} read ${shown(value)} of ${shown(key)} at ${toldAt(call)}, ${why}`,
    ...anomalyFailure(name),
    subject: key,
    events: seqs([], [call, ...others]),
  }
}

/** The verb for a write to an item. */
export function wrote({ list }: Pick<Item, 'list'>): string {
  return list ? 'appended' : 'wrote'
}
