// noHang: every operation ends by itself, and every request is answered. The mildest liveness property: judged only
// when nothing is left that could still end the operation. Knows no effects. boundedCall is stricter.
import type { End, History, HistoryEvent } from '../history/history.ts'
import { invocationOf } from '../scenario/address.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { callsOf, cutShort, endOf, type Call } from './calls.ts'
import { invoked, seconds } from './reason-words.ts'

/**
 * Holds when every operation was answered or given up, and no request hangs. Judged at the end, once the history is
 * quiet and healed with nothing left to do. Violated by an operation that is pending (invoked, but neither ok nor fail
 * nor info); by a request that a living node never answered, whether or not its caller still waited; and by an
 * operation that only the platform's own limit of 300 s ended, if no earlier fault can explain it. A handler that has
 * read the signal of its request may wait until its caller leaves. Healing resets the connections that a fault left
 * hanging, so that a caller without a limit of its own waits long, and not for ever: `boundedCall(ms)` says how long is
 * too long. Unknown when an operation is pending and the history
 * ended at a bound. Vacuous when no operation was invoked.
 *
 * Pending as in Herlihy and Wing, "Linearizability" (1990); liveness as in Alpern and Schneider, "Defining Liveness"
 * (1985).
 *
 * @example
 * noHang()
 */
export function noHang(): Invariant {
  return {
    kind: 'invariant',
    name: 'noHang',
    effects: [],
    check(history: History) {
      const calls = callsOf(history)
      if (calls.length === 0) return vacuous('no operation was invoked: does the workload have any?')
      const end = endOf(history)
      const atPlatformLimit = calls.filter((call) => wasEndedByPlatform(history, call)).map(outlasted)
      const pending = calls.filter((call) => call.end === undefined)
      const unanswered = end?.unanswered ?? []
      if (end?.reason === 'quiet') {
        const reasons = [
          // first, because these are certain even at a bound, and shrinking follows the first reason
          ...atPlatformLimit,
          ...pending.map((call) => neverEnded(call, end)),
          ...unanswered.map((arrival) => neverAnswered(history, arrival, end)),
        ]
        return reasons.length > 0 ? { kind: 'violated', reasons } : holds
      }
      if (atPlatformLimit.length > 0) return { kind: 'violated', reasons: atPlatformLimit }
      if (pending.length > 0)
        return undecided(
          `${cutShort(history)}, when this was so: ` +
            `${pending.map((call) => `${invoked(call)}, never ended`).join(', ')}.`,
        )
      return holds
    },
  }
}

function neverEnded({ invoke }: Call, end: End): Reason {
  return {
    text:
      `${invoked({ invoke, end: undefined })}, never ended: nothing was left that could end it; expected an ` +
      'answer or a timeout.',
    kind: 'pending',
    of: invoke.operation,
    events: [invoke.seq, end.seq],
  }
}

function neverAnswered({ events }: History, arrival: number, end: End): Reason {
  const arrived = events[arrival]
  const sent = arrived?.kind === 'arrive' ? events[arrived.cause] : undefined
  if (arrived === undefined || sent?.kind !== 'send')
    throw new Error(`The end of the history names event ${arrival} as the arrival of a request, which it is not.`)
  const { operation, from } = sent.address
  return {
    text:
      `${operation} of ${from} arrived at ${arrived.node} at ${seconds(arrived.atMs)} and was never answered: ` +
      'nothing was left that could end its handler; expected an answer.',
    kind: 'unanswered',
    of: arrived.node,
    events: [sent.seq, arrived.seq, end.seq],
  }
}

/**
 * Whether a call of the operation ran into the platform's limit and ended the operation. If a fault came before, it may
 * be the cause, so the answer is no.
 */
function wasEndedByPlatform({ events }: History, { invoke, end }: Call): boolean {
  if (end === undefined || end.kind === 'ok') return false
  const isOwnLimit = (event: HistoryEvent): boolean => {
    if (event.kind !== 'lost' || event.why !== 'timeout' || event.atMs !== end.atMs) return false
    const message = events[event.cause]
    return (
      message?.kind === 'send' &&
      message.address.path.length === 0 &&
      invocationOf(message.address.root) === invoke.invocation
    )
  }
  for (const event of events) {
    if (event.seq >= end.seq || event.kind === 'fault') return false
    if (isOwnLimit(event)) return true
  }
  return false
}

function outlasted({ invoke, end }: Call): Reason {
  return {
    text:
      `${invoked({ invoke, end })}, was ended by the platform's own limit alone, with no fault to explain it; ` +
      'expected an answer or a timeout.',
    kind: 'ended-by-platform',
    of: invoke.operation,
    events: end === undefined ? [invoke.seq] : [invoke.seq, end.seq],
  }
}
