// Reads the JSON lines of historyBytes. Annotations (readings, notes) are not part of the bytes, so they are lost.
import type { Draws, History, HistoryEvent } from '../history/history.ts'
import type { Address } from '../scenario/address.ts'
import { readAddress, type WrittenAddress } from '../scenario/address-text.ts'
import { suggestion } from '../plain/suggestion.ts'
import { decodeValue } from '../plain/value.ts'
import { objectsOf } from './json-lines.ts'
import { isWhole, wrong } from './recorded.ts'
import { shownText } from './shown.ts'
import type { TextSource } from './text-lines.ts'

/**
 * The history that historyBytes wrote.
 *
 * @throws if a line is not an event, or an event is missing, with the line
 */
export function ownLines(source: TextSource): History {
  const events: HistoryEvent[] = []
  const draws: Draws[] = []
  for (const { line, object } of objectsOf(source, (text) => JSON.parse(text))) {
    // the cast holds: an object is decoded to an object, or it throws
    const decoded = decodeValue(object, `Line ${line}`) as object
    if ('before' in decoded && !('kind' in decoded))
      draws.push(decoded as Draws) // the cast holds: historyBytes writes no other line
    else events.push(eventOf(decoded, line, events.length))
  }
  return { events, ...(draws.length === 0 ? {} : { draws }), readings: [], notes: [] }
}

const kinds: Readonly<Record<HistoryEvent['kind'], true>> = {
  invoke: true,
  attempt: true,
  'attempt-end': true,
  ok: true,
  fail: true,
  info: true,
  send: true,
  arrive: true,
  queue: true,
  lost: true,
  store: true,
  effect: true,
  boot: true,
  crash: true,
  pause: true,
  resume: true,
  signal: true,
  threw: true,
  fault: true,
  heal: true,
  end: true,
}

function eventOf(event: Readonly<Record<string, unknown>> | object, line: number, place: number): HistoryEvent {
  const { kind, seq, atMs, node, cause } = event as Readonly<Record<string, unknown>>
  if (typeof kind !== 'string') throw wrong(line, 'no "kind"', 'is it a line of historyBytes(history)?')
  if (!Object.hasOwn(kinds, kind))
    throw new Error(`Line ${line}: the kind of event "${kind}" is unknown${suggestion(kind, Object.keys(kinds))}`)
  if (seq !== place)
    throw wrong(line, `"seq" is ${shownText(seq)} where ${place} comes next`, 'is the file in order, and whole?')
  const whole = typeof atMs === 'number' && typeof node === 'string' && (cause === -1 || isWhole(cause))
  if (!whole)
    throw wrong(
      line,
      `an event with atMs ${shownText(atMs)}, node ${shownText(node)} and cause ${shownText(cause)}`,
      'is it a line of historyBytes(history)?',
    )
  return asNow(event as HistoryEvent, line) // the cast holds: kind and position were checked, the rest is as written
}

/**
 * Converts an event of the file: there, root and path of an address are text. Earlier versions named the send of a leg
 * twice in its arrival or loss: as `cause` and as `message`.
 */
function asNow(event: HistoryEvent, line: number): HistoryEvent {
  switch (event.kind) {
    case 'send':
    case 'store':
      return { ...event, address: addressIn(event.address, line) }
    case 'fault':
      return { ...event, fault: { ...event.fault, at: addressIn(event.fault.at, line) } }
    case 'arrive':
    case 'lost': {
      if (!('message' in event)) return event
      const { message: _, ...leg } = event
      return leg
    }
    default:
      return event
  }
}

function addressIn(written: unknown, line: number): Address {
  const address = isAddress(written) ? readAddress(written) : undefined
  if (address === undefined)
    throw wrong(line, `the address ${shownText(written)}`, 'is it a line of historyBytes(history)?')
  return address
}

function isAddress(value: unknown): value is WrittenAddress {
  if (typeof value !== 'object' || value === null || !('root' in value) || !('path' in value)) return false
  const { root, path } = value
  return typeof root === 'string' && Array.isArray(path) && path.every((step) => typeof step === 'string')
}
