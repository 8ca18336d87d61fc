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

/** One event as its JSON line. */
export function eventLine(event: HistoryEvent): string {
  return JSON.stringify(encodeValue(withAddressText(event)))
}

/** In the bytes the root and the path of an address are text. */
function withAddressText(event: HistoryEvent): unknown {
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
