// Bad reads: what a read shows that no order of the writes explains. From thin air, of what failed, of what its
// transaction did only later, of lists that contradict each other. Words only; must not know how reads were matched
// with writes.
import { anomalyFailure, type AnomalyName, type Reason } from '../verdict/reason.ts'
import type { Call } from './calls.ts'
import type { Item } from './transactions.ts'
import { seconds, seqs, shown, toldAt, who } from './reason-words.ts'

/** A read as it was answered. */
export interface Answered {
  readonly call: Call
  readonly value: unknown
}

/** Nobody wrote the value. */
export function thinAir(item: Item, read: Answered, value: unknown): Reason {
  return bad('thin air', item, read, `but nobody ${wrote(item)} ${shown(value)}; expected only what was written.`)
}

/** It was written only after the read had been answered. */
export function readTooEarly(item: Item, read: Answered, value: unknown, writer: Call): Reason {
  return bad(
    'thin air',
    item,
    read,
    `but ${shown(value)} was asked for only at ${seconds(writer.invoke.atMs)}; expected only what was written.`,
    writer,
  )
}

/** The transaction itself wrote it, but after the read. */
export function futureRead(item: Item, read: Answered, value: unknown): Reason {
  return bad(
    'future read',
    item,
    read,
    `but ${wrote(item)} ${shown(value)} itself only after that; expected only what was written.`,
  )
}

/** Only an operation that failed wrote it: Adya's G1a. */
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

/** A list shows an element twice. */
export function duplicateElement(item: Item, read: Answered, element: unknown): Reason {
  return bad('duplicate element', item, read, `with ${shown(element)} more than once; expected each element once.`)
}

/** Of two lists none is the beginning of the other. */
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

/** What is done to an item, in a word. */
export function wrote({ list }: Pick<Item, 'list'>): string {
  return list ? 'appended' : 'wrote'
}
