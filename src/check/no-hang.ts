// noHang: every operation ends. Liveness in its mildest form: judged only where nothing was left that could still end
// it. Knows operations only. A stricter limit is boundedCall.
import type { History } from '../history/history.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { callsOf, cutShort, endOf, type Call } from './calls.ts'
import { invoked } from './reason-words.ts'

/**
 * Holds when every operation was answered or given up. Violated by an operation that is pending (invoked, and neither
 * ok nor fail nor info) when the history is quiet, healed, with nothing left to do. Unknown when one is pending and the
 * history reached a bound. Vacuous when no operation was invoked.
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
      const pending = calls.filter(({ end }) => end === undefined)
      if (pending.length === 0) return holds
      const end = endOf(history)
      if (end?.reason !== 'quiet')
        return undecided(
          `${cutShort(history)}, when this was so: ` +
            `${pending.map((call) => `${invoked(call)}, never ended`).join(', ')}.`,
        )
      return { kind: 'violated', reasons: pending.map((call) => hung(call, end.seq)) }
    },
  }
}

function hung(call: Call, endSeq: number): Reason {
  return {
    text: `${invoked(call)}, never ended: nothing was left that could end it; expected an answer or a timeout.`,
    kind: 'pending',
    of: call.invoke.operation,
    events: [call.invoke.seq, endSeq],
  }
}
