// What a client knows of the work behind the requests that it sent in one operation. Knows no wire: what a code says is
// its protocol's.
import type { SentCall } from './context.ts'

/**
 * Whether an operation that failed, as its last answer or error says, may have been done nevertheless: by a request
 * that was not certainly refused. A read beside requests that ask for a change is no part of the work.
 *
 * @param judged whether the user's own outcome says "failed" of what `run` saw last: then that is believed of the last
 *   request that asked for a change, and where that one had no answer, of all that had none
 */
export function mayBeDone(sends: readonly SentCall[], judged: boolean): boolean {
  const changes = sends.filter((call) => !isRead(call))
  const work = changes.length > 0 ? changes : sends
  const last = work.at(-1)
  const isBelieved = (call: SentCall): boolean => judged && (call === last || !(isAnswered(call) || isAnswered(last)))
  return work.some((call) => !isBelieved(call) && !isRefused(call))
}

function isAnswered(call: SentCall | undefined): boolean {
  return typeof call?.ended === 'number'
}

function isRead({ wire }: SentCall): boolean {
  return wire.protocol.isRead(wire.request)
}

/** Nothing was done: it was refused, or taken back before it left. */
function isRefused({ sent, ended, wire }: SentCall): boolean {
  if (typeof ended === 'number') return wire.protocol.isDone(ended) === false
  return ended === 'refused' || (ended !== undefined && sent === -1)
}
