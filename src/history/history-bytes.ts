// A history as bytes, one JSON line an event, and the hash of them: how two histories are compared, also between
// processes. Must not know how histories are read back.
import { writeAddress } from '../scenario/address-text.ts'
import { hashText } from '../plain/hash-text.ts'
import { encodeValue } from '../plain/value.ts'
import type { History, HistoryEvent } from './history.ts'

/**
 * The history's bytes, one JSON line an event: equal for equal scenarios, in any process. Annotations are left out.
 *
 * @example writeFileSync('history.jsonl', historyBytes(history))
 */
export function historyBytes(history: History): string {
  return [...history.events.map(eventLine), ...(history.draws ?? []).map((draw) => JSON.stringify(draw))].join('\n')
}

/**
 * A hash of what happened, whatever made it happen: equal for histories whose events and readings differ only in the
 * faults of their plans.
 */
export function happeningHash({ events, readings }: History): string {
  const happened = events.filter(({ kind }) => kind !== 'fault').map(withAddressText)
  return hashText([...happened, ...readings].map((one) => JSON.stringify(encodeValue(withoutPlaces(one)))).join('\n'))
}

/** Fields that hold a place in the list of events, which a fault moves. */
const places: ReadonlySet<string> = new Set(['seq', 'cause', 'request', 'early', 'unanswered', 'event'])

function withoutPlaces(happened: object): unknown {
  return Object.fromEntries(Object.entries(happened).filter(([name]) => !places.has(name)))
}

/** One event as its JSON line. */
export function eventLine(event: HistoryEvent): string {
  return JSON.stringify(encodeValue(withAddressText(event)))
}

/** In the bytes the root and the path of an address are text. */
function withAddressText(event: HistoryEvent): object {
  switch (event.kind) {
    case 'send':
    case 'store':
      return { ...event, address: writeAddress(event.address) }
    case 'fault':
      return { ...event, fault: { ...event.fault, at: writeAddress(event.fault.at) } }
    default:
      return event
  }
}

/**
 * A 53-bit hash of the bytes, in hex: two histories with one hash are the same.
 *
 * @example expect(historyHash(await simulate(system, scenario))).toBe(historyHash(await simulate(system, scenario)))
 */
export function historyHash(history: History): string {
  return hashText(historyBytes(history))
}
