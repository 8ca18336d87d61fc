// boundedCall: every operation ends in time, all its retries included. Knows operations, and clocks that drift.
import type { History } from '../history/history.ts'
import { leastMs } from '../history/machine-clocks.ts'
import type { Operation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { callsOf, cutShort, endOf, isQuiet, type Call } from './calls.ts'
import { invoked, seconds } from './reason-words.ts'

/**
 * Holds when every operation ends (ok, fail or info) within `ms` of its invocation, retries included. Also violated by
 * an operation that is still pending after its limit, or pending when nothing is left to do, since it would never end.
 * Unknown when an operation is pending within its limit and the history ended at a bound. Vacuous when no operation was
 * invoked.
 *
 * A deadline over all attempts, as in Nygard, "Release It!" (2nd edition, 2018, "Timeouts"), and gRPC's deadlines.
 *
 * @param ms milliseconds, by virtual time or by the timers of a machine that are slow; exactly this long is in time
 * @param operation only this one. @default every operation
 * @throws if `ms` is not above 0
 * @example
 * boundedCall(15_000, pay)
 */
export function boundedCall(ms: number, operation?: Pick<Operation<unknown>, 'kind' | 'name'>): Invariant {
  if (!(ms > 0)) throw new Error(`boundedCall(${ms}): give milliseconds above 0.`)
  const only = operation?.name
  return {
    kind: 'invariant',
    name: `boundedCall(${ms}${only === undefined ? '' : `, ${only}`})`,
    effects: [],
    check(history: History) {
      const calls = callsOf(history, only)
      if (calls.length === 0)
        return vacuous(
          `no ${only === undefined ? '' : `"${only}" `}operation was invoked: is it in the system's operations?`,
        )
      const reasons = calls.flatMap((call) => late(history, call, ms))
      if (reasons.length > 0) return { kind: 'violated', reasons }
      const open = calls.find(({ end }) => end === undefined)
      if (open === undefined) return holds
      return undecided(`${cutShort(history)}, while ${open.invoke.operation} was still within its ${seconds(ms)}.`)
    },
  }
}

function late(history: History, call: Call, ms: number): readonly Reason[] {
  const { invoke, end } = call
  const untilMs = end?.atMs ?? history.events.at(-1)?.atMs ?? invoke.atMs
  const neverEnds = end === undefined && isQuiet(history)
  if (!neverEnds && (untilMs - invoke.atMs <= ms || leastMs(history, invoke.atMs, untilMs) <= ms)) return []
  const last = end ?? endOf(history)
  return [
    {
      text: `${invoked(call)}, ${outcome(call, untilMs)}; expected at most ${seconds(ms)}.`,
      kind: 'too-slow',
      of: invoke.operation,
      events: last === undefined ? [invoke.seq] : [invoke.seq, last.seq],
    },
  ]
}

function outcome({ invoke, end }: Call, untilMs: number): string {
  return end === undefined
    ? `was still pending at ${seconds(untilMs)}, when the history ended`
    : `took ${seconds(untilMs - invoke.atMs)} until ${seconds(untilMs)}`
}
