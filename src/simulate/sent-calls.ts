// What a client knows about the work behind the requests that it sent in one operation. Knows no wire protocol: each
// protocol interprets its own codes.
import type { SentCall } from './context.ts'
import { isUnreached } from './protocol.ts'

/**
 * Whether an operation may have been done although its last answer or error says that it failed: it may, if a request
 * was not certainly refused. If some of its requests ask for a change, those that only read do not count.
 *
 * @param judged whether the user's `outcome` decided "failed". This applies to the last request that asked for a
 *   change; if that had no answer, to all requests without an answer
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
  return isUnreached(ended) || (ended !== undefined && sent === -1)
}
