// retryBudget: retries have limits: how often, how soon, and how much load they cause downstream. A safety property of
// the requests that were sent. sends.ts groups requests into calls; this file judges them.
import { rootText } from '../scenario/address-text.ts'
import type { History, Send } from '../history/history.ts'
import { waitedMs } from '../history/machine-clocks.ts'
import { assertOptions } from '../plain/options.ts'
import { ofLink, type Reason } from '../verdict/reason.ts'
import { holds, vacuous, type Invariant } from '../verdict/verdict.ts'
import { callsOnLinks, type SendAttempt } from './sends.ts'
import { seconds, shown, times } from './reason-words.ts'

/** The limits of retries; give at least one. */
export interface RetryLimits {
  /** The most requests for one call, including the first. @default no limit */
  readonly attempts?: number
  /**
   * The most requests that one operation of a client causes on one link, retries of retries included.
   *
   * @default no limit
   */
  readonly perOperation?: number
  /**
   * The least time between a failure and the next request, in milliseconds, by virtual time or by the sender's own
   * timers. A function gets the number of the retry, from 1. @default no limit
   */
  readonly backoffMs?: number | ((retry: number) => number)
  /**
   * After an answer with Retry-After (429 or 503), no request may be sent before that time: so many seconds by virtual
   * time or by the sender's own timers, or until a date, give or take its one second. Judged only for answers that
   * faults made, as the history records these.
   *
   * @default false
   */
  readonly honourRetryAfter?: boolean
  /** Only this link: `'shop -> bank'`, `'client -> shop'`. @default every link */
  readonly link?: `${string} -> ${string}`
}

/**
 * Holds when every call stays within the given limits. A call is everything that one handler (or client) sends for one
 * operation and business key on one link. A request belongs to the call before it if that has had no good answer (below
 * 400) yet. Requests that overlap (one is sent before the one before was answered) cannot be told apart: they count
 * only for `perOperation`, and so do a client's own `retries`. A failure counts from the arrival of its answer. Without
 * an answer it counts from the request itself, so that time spent waiting for an answer is part of the back-off.
 *
 * Vacuous when no request was sent to which a limit applies: any request for `attempts` and `perOperation`, a retry for
 * `backoffMs`, an answer with Retry-After for `honourRetryAfter`.
 *
 * After Nygard, "Release It!" (2nd edition, 2018); Beyer et al., "Site Reliability Engineering" (2016), chapter 22, on
 * retry budgets and amplification; RFC 9110 section 10.2.3 for Retry-After.
 *
 * @throws if no limit is given, or one is not a number above 0; in `check`, if `backoffMs` does not return a number
 * @example
 * retryBudget({
 *   attempts: 3,
 *   backoffMs: (retry) => 100 * 2 ** (retry - 1),
 *   honourRetryAfter: true,
 *   link: 'shop -> bank',
 * })
 */
export function retryBudget(limits: RetryLimits): Invariant {
  assertOptions('retryBudget()', limits ?? null, ['attempts', 'perOperation', 'backoffMs', 'honourRetryAfter', 'link'])
  const name = `retryBudget(${limitsName(limits)})`
  assertLimits(name, limits)
  return {
    kind: 'invariant',
    name,
    effects: [],
    check(history: History) {
      const { calls, byOperation } = callsOnLinks(history, limits.link)
      const claims = [
        ...claim(limits.attempts, calls, tooOften),
        ...claim(limits.perOperation, Array.from(byOperation.values()), tooMuch),
        ...claim(limits.backoffMs, retriesIn(calls), (retry, limit) => tooSoon(history, retry, limit)),
        ...claim(
          limits.honourRetryAfter === true ? true : undefined,
          calls.flatMap((call) => call.filter(({ told }) => told !== undefined)),
          (call) => tooEager(history, call),
        ),
      ]
      const reasons = claims.flatMap(({ found }) => found)
      if (reasons.length > 0) return { kind: 'violated', reasons }
      return claims.some(({ looked }) => looked) ? holds : vacuous(nothingSent(limits, calls.length))
    },
  }
}

interface Claimed {
  readonly looked: boolean
  readonly found: readonly Reason[]
}

function claim<L, S>(
  limit: L | undefined,
  subjects: readonly S[],
  judge: (subject: S, limit: L) => readonly Reason[],
): readonly Claimed[] {
  return limit === undefined
    ? []
    : [{ looked: subjects.length > 0, found: subjects.flatMap((subject) => judge(subject, limit)) }]
}

function limitsName({ link, attempts, perOperation, backoffMs, honourRetryAfter }: RetryLimits): string {
  const parts = [
    link,
    attempts === undefined ? undefined : `attempts ${attempts}`,
    perOperation === undefined ? undefined : `perOperation ${perOperation}`,
    backoffMs === undefined ? undefined : `backoffMs${typeof backoffMs === 'number' ? ` ${backoffMs}` : ''}`,
    honourRetryAfter === true ? 'honourRetryAfter' : undefined,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}

function assertLimits(name: string, { attempts, perOperation, backoffMs, honourRetryAfter }: RetryLimits): void {
  if (attempts === undefined && perOperation === undefined && backoffMs === undefined && honourRetryAfter !== true) {
    throw new Error(`${name}: give a limit: attempts, perOperation, backoffMs or honourRetryAfter.`)
  }
  for (const [what, limit] of Object.entries({ attempts, perOperation })) {
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
      throw new Error(`${name}: ${what} is ${shown(limit)}; give a whole number above 0.`)
  }
  if (typeof backoffMs === 'number' && !(backoffMs > 0))
    throw new Error(`${name}: backoffMs is ${shown(backoffMs)}; give milliseconds above 0.`)
}

function tooOften(call: readonly SendAttempt[], attempts: number): readonly Reason[] {
  const one = call[attempts]
  if (one === undefined) return []
  return [
    {
      text:
        `${words(one.send)} was tried ${times(call.length)}, the last time at ` +
        `${seconds(call.at(-1)?.send.atMs ?? one.send.atMs)}; expected at most ${times(attempts)}.`,
      kind: 'too-many-attempts',
      ...linkOf(one.send),
      events: call.slice(attempts).map(({ send }) => send.seq),
      against: call.slice(0, attempts).map(({ send }) => send.seq),
    },
  ]
}

function tooMuch(sends: readonly Send[], perOperation: number): readonly Reason[] {
  const one = sends[perOperation]
  if (one === undefined) return []
  return [
    {
      text:
        `${rootText(one.address.root)} caused ${sends.length} requests ${linkOf(one).of} by ` +
        `${seconds(sends.at(-1)?.atMs ?? one.atMs)}; expected at most ${perOperation}.`,
      kind: 'retry-amplification',
      ...linkOf(one),
      events: sends.slice(perOperation).map(({ seq }) => seq),
      against: sends.slice(0, perOperation).map(({ seq }) => seq),
    },
  ]
}

interface Retry {
  readonly failed: SendAttempt
  readonly next: Send
  /** Counts from 1. */
  readonly number: number
}

function retriesIn(calls: readonly (readonly SendAttempt[])[]): readonly Retry[] {
  return calls.flatMap((call) =>
    call.slice(1).flatMap(({ send }, index): readonly Retry[] => {
      const failed = call[index]
      return failed === undefined ? [] : [{ failed, next: send, number: index + 1 }]
    }),
  )
}

function tooSoon(
  history: History,
  { failed, next, number }: Retry,
  limit: NonNullable<RetryLimits['backoffMs']>,
): readonly Reason[] {
  const leastMs = typeof limit === 'number' ? limit : limit(number)
  if (!Number.isFinite(leastMs))
    throw new Error(`retryBudget: backoffMs(${number}) gave ${shown(leastMs)}; give milliseconds.`)
  const sinceMs = failed.answer?.atMs ?? failed.send.atMs
  if (hasWaited(history, next, sinceMs, leastMs)) return []
  return [
    {
      text:
        `${words(next)} was tried again at ${seconds(next.atMs)}, ${seconds(next.atMs - sinceMs)} after it ` +
        `${failed.answer === undefined ? 'was sent without an answer' : `was answered ${failed.status}`}; ` +
        `expected to wait ${seconds(leastMs)} before retry ${number}.`,
      kind: 'retried-too-soon',
      ...linkOf(next),
      events: pair(failed, next),
    },
  ]
}

function tooEager(history: History, { send, answer, status, told, next }: SendAttempt): readonly Reason[] {
  if (next === undefined || answer === undefined || told === undefined) return []
  const { waitMs, untilMs } = told
  const dueMs = waitMs === undefined ? untilMs : answer.atMs + waitMs
  const roughMs = waitMs === undefined ? dateMs : 0
  if (hasWaited(history, next, answer.atMs, dueMs - answer.atMs - roughMs)) return []
  return [
    {
      text:
        `${words(next)} was tried again at ${seconds(next.atMs)}, though it was answered ${status} with ` +
        `Retry-After ${waitMs === undefined ? 'and a date' : waitMs / 1_000} at ${seconds(answer.atMs)}; ` +
        `expected nothing before ${seconds(dueMs)}.`,
      kind: 'retry-after-ignored',
      ...linkOf(send),
      events: [send.seq, answer.seq, next.seq],
    },
  ]
}

/** A date of HTTP has whole seconds. */
const dateMs = 1_000
/** Whoever counts whole milliseconds is up to one too early. */
function hasWaited(history: History, next: Send, sinceMs: number, leastMs: number): boolean {
  const soonestMs = leastMs - 1
  return next.atMs - sinceMs > soonestMs || waitedMs(history, next, sinceMs, next.atMs) > soonestMs
}

function pair({ send, answer }: SendAttempt, next: Send): readonly number[] {
  return answer === undefined ? [send.seq, next.seq] : [send.seq, answer.seq, next.seq]
}

function linkOf({ address: { from, to } }: Send): ReturnType<typeof ofLink> {
  return ofLink(from, to)
}

function words(send: Send): string {
  const { operation, key } = send.address
  return `${operation}${key === undefined ? '' : ` of ${key}`} ${linkOf(send).of}`
}

function nothingSent({ link, attempts, perOperation }: RetryLimits, calls: number): string {
  const where = link === undefined ? '' : ` on ${link}`
  if (calls === 0 && attempts !== undefined)
    return `no request was sent${where}${link === undefined ? '.' : ': is that a link of this system?'}`
  return attempts === undefined && perOperation === undefined
    ? `no request was tried again or told to wait${where}.`
    : `no operation caused a request${where}.`
}
