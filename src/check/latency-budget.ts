// latencyBudget: limits on percentiles of the time that operations take from end to end. It judges all operations of a
// history together; `boundedCall` judges each alone. Knows operations only; must not know what they were waiting for.
import type { History } from '../history/history.ts'
import { leastMs } from '../history/machine-clocks.ts'
import { assertOptions } from '../plain/options.ts'
import type { Operation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { callsOf, cutShort, isQuiet, type Call } from './calls.ts'
import { invoked, seconds, seqs, shown } from './reason-words.ts'

/**
 * Limits in milliseconds of virtual time, each for a share of the operations; exactly this long is within the limit.
 * Give at least one.
 */
export interface LatencyLimits {
  readonly p50?: number
  readonly p90?: number
  readonly p95?: number
  readonly p99?: number
  readonly p999?: number
  /** The limit for every operation. */
  readonly max?: number
}

const shares: { readonly [K in keyof Required<LatencyLimits>]: number } = {
  p50: 500,
  p90: 900,
  p95: 950,
  p99: 990,
  p999: 999,
  max: 1_000,
}

/**
 * Holds when, for each limit, that share of the operations ended (ok, fail or info) within it, counted from invocation
 * to end, retries included. Percentiles are by nearest rank: the p99 of n operations is number ⌈0.99 n⌉ by duration, so
 * with fewer than 100 operations it is the slowest. An operation that never ends takes for ever. If the history ended
 * at a bound, or was cut off, an open operation took at least until then, and the verdict is unknown if the rest of its
 * time would decide. Vacuous when no operation was invoked.
 *
 * Time is virtual time, or that of a machine whose timers are slow.
 *
 * To limit every operation under every fault use `boundedCall`. A budget is usually claimed with `tolerates:
 * ['latency', 'slow']`, or for a recorded history.
 *
 * Dean and Barroso, "The Tail at Scale" (CACM 2013); the nearest-rank percentile of Hyndman and Fan, "Sample Quantiles
 * in Statistical Packages" (1996), definition 1.
 *
 * @param operation only this one. @default every operation
 * @throws if no limit is given, or one is not above 0
 * @example
 * latencyBudget({ p50: 100, p99: 1_000 }, search)
 */
export function latencyBudget(limits: LatencyLimits, operation?: Pick<Operation<unknown>, 'kind' | 'name'>): Invariant {
  assertOptions('latencyBudget()', limits ?? null, Object.keys(shares))
  const only = operation?.name
  const claims = percentileLimitsOf(limits)
  const limited = claims.map(({ percentile, ms }) => `${percentile} ${ms}`)
  return {
    kind: 'invariant',
    name: `latencyBudget(${[...limited, ...(only === undefined ? [] : [only])].join(', ')})`,
    effects: [],
    check(history: History) {
      const calls = callsOf(history, only)
      if (calls.length === 0)
        return vacuous(
          `no ${only === undefined ? '' : `"${only}" `}operation was invoked: is it in the system's operations?`,
        )
      const took = durations(history, calls, Math.min(...claims.map(({ ms }) => ms)))
      const reasons = claims.flatMap((claim) => over(claim, only, took))
      if (reasons.length > 0) return { kind: 'violated', reasons }
      const open = claims.find((claim) => rank(claim, took.map(({ atMost }) => atMost).sort(ascending)) > claim.ms)
      return open === undefined
        ? holds
        : undecided(
            `${cutShort(history)}, while operations were open that decide whether ${open.percentile} is within ` +
              `${seconds(open.ms)}.`,
          )
    },
  }
}

interface PercentileLimit {
  readonly percentile: string
  /** The share in thousandths. */
  readonly share: number
  readonly ms: number
}

function percentileLimitsOf(limits: LatencyLimits): readonly PercentileLimit[] {
  const claims = (Object.keys(shares) as (keyof LatencyLimits)[]).flatMap((percentile) => {
    // The cast holds: `shares` has exactly these keys
    const ms = limits[percentile]
    return ms === undefined ? [] : [{ percentile, share: shares[percentile], ms }]
  })
  if (claims.length === 0) throw new Error('latencyBudget({}): give a limit: p50, p90, p95, p99, p999 or max.')
  const wrong = claims.find(({ ms }) => !(ms > 0))
  if (wrong !== undefined)
    throw new Error(`latencyBudget: ${wrong.percentile} is ${shown(wrong.ms)}; give milliseconds above 0.`)
  return claims
}

interface Took {
  readonly call: Call
  readonly atLeast: number
  readonly atMost: number
}

/** `enoughMs`: what takes no longer is within every limit, by any clock. */
function durations(history: History, calls: readonly Call[], enoughMs: number): readonly Took[] {
  const nowMs = isQuiet(history) ? Infinity : (history.events.at(-1)?.atMs ?? 0)
  return calls.map((call) => {
    const { invoke, end } = call
    if (end !== undefined) {
      const virtualMs = end.atMs - invoke.atMs
      const tookMs = virtualMs <= enoughMs ? virtualMs : leastMs(history, invoke.atMs, end.atMs)
      return { call, atLeast: tookMs, atMost: tookMs }
    }
    return { call, atLeast: nowMs - invoke.atMs, atMost: Infinity }
  })
}

/** Compares without subtraction, since Infinity - Infinity is NaN. */
function ascending(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The nearest rank, computed with whole numbers so that rounding errors cannot decide. */
function rank({ share }: PercentileLimit, sorted: readonly number[]): number {
  return sorted[Math.ceil((share * sorted.length) / 1_000) - 1] ?? 0
}

function over(claim: PercentileLimit, only: string | undefined, took: readonly Took[]): readonly Reason[] {
  const found = rank(claim, took.map(({ atLeast }) => atLeast).sort(ascending))
  if (found <= claim.ms) return []
  const { percentile, ms } = claim
  const name = only ?? 'all operations'
  const [slow, all] = [took.filter(({ atLeast }) => atLeast > ms), took.length]
  return [
    {
      text:
        `${percentile} of ${name} was ${found === Infinity ? 'never reached' : seconds(found)}: ` +
        `${slow.length} of ` +
        `${all} took longer than ${seconds(ms)}${slowestWords(slow)}; expected ${percentile} within that.`,
      kind: 'percentile-too-slow',
      of: `${percentile} of ${name}`,
      events: seqs(
        [],
        slow.map(({ call }) => call),
      ),
    },
  ]
}

function slowestWords(slow: readonly Took[]): string {
  const slowest = slow.reduce<Took | undefined>(
    (worst, one) => (worst === undefined || one.atLeast > worst.atLeast ? one : worst),
    undefined,
  )
  if (slowest === undefined) return ''
  const { end } = slowest.call
  return (
    `, the slowest ${invoked(slowest.call)} and ` +
    (end === undefined ? 'never ended' : `ended at ${seconds(end.atMs)}`)
  )
}
