// What a client knows of the work behind the requests that it sent in one operation. Knows no wire: what a code says is
// its protocol's.
import type { SentCall } from './context.ts'

/**
 * Whether an operation that failed, as its last answer or error says, may have been done nevertheless: by a request
 * that was not certainly refused. A read that was answered beside requests that ask for a change is none of the work.
 *
 * @param judged whether the user's own outcome found that the answer means "failed": then that answer is believed
 */
export function mayBeDone(sends: readonly SentCall[], judged: boolean): boolean {
  const believed = judged ? sends.findLast(isAnswered) : undefined
  const changes = sends.some((call) => !isRead(call))
  return sends.some((call) => call !== believed && !isRefused(call) && !(changes && isRead(call) && isDone(call)))
}

function isAnswered(call: SentCall | undefined): boolean {
  return typeof call?.ended === 'number'
}

function isRead({ wire }: SentCall): boolean {
  return wire.protocol.isRead(wire.request)
}

function isDone({ ended, wire }: SentCall): boolean {
  return typeof ended === 'number' && wire.protocol.isDone(ended) === true
}

/** Nothing was done: it was refused, or taken back before it left. */
function isRefused({ sent, ended, wire }: SentCall): boolean {
  if (typeof ended === 'number') return wire.protocol.isDone(ended) === false
  return ended === 'refused' || (ended !== undefined && sent === -1)
}
