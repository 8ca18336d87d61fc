// noticed: a failed dependency that changed an answer is named where people look. Knows requests, and what nodes print,
// add to journals and answer; must not know loggers or monitoring.
import { invocationOf } from '../scenario/address.ts'
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { Effect } from '../history/effect.ts'
import type { Arrive, Completion, History, HistoryEvent, Send } from '../history/history.ts'
import { completionsOf } from '../history/history.ts'
import { leastMs } from '../history/machine-clocks.ts'
import { clientOf } from '../history/node-words.ts'
import { assertList, assertNumber, assertOptions, assertType, foundWords } from '../plain/options.ts'
import type { Operation } from '../system/operation.ts'
import { ofLink, type Reason } from '../verdict/reason.ts'
import { holds, undecided, vacuous, type Invariant } from '../verdict/verdict.ts'
import { assertHasTimes } from './effect-events.ts'
import { cutShort, isQuiet } from './calls.ts'
import { seconds } from './reason-words.ts'

/** Where a failure shows. */
export interface Noticing {
  /** How long after the changed answer, in milliseconds of virtual time. */
  readonly withinMs: number
  /**
   * Where people look, one of them suffices: `'logs'`, all that nodes print; a journal (a metric) or `requests` (an
   * alert that is sent); an operation whose answer shows what is wrong (a health check).
   */
  readonly by: readonly ('logs' | Effect<never> | Pick<Operation<unknown>, 'kind' | 'name'>)[]
  /** Whether an operation that was answered ok with this value was degraded. @default none is */
  readonly degraded?: (value: unknown) => boolean
}

/**
 * Holds when every failure of a dependency that changed an answer was noticed in time. Looked at is each request that
 * a node served after a fault had struck, if the last call it made to some node, host or port got no good answer (5xx,
 * 429, or none at all), and its own answer was not 2xx or 3xx, was `degraded`, or never came. Noticed is what names the
 * dependency, in upper or lower case: `bank`; of a host also the label that tells it apart, `stripe` of
 * `api.stripe.com`. What the dependency or a client says does not count.
 *
 * A node that crashes or is replaced meanwhile need not notice; one that was paused has its time from when it goes on.
 * Where a health check is among the places and nobody asked it in time, silence is not judged. Unknown when the history
 * ended at a bound within the time. Vacuous when no failure changed an answer.
 *
 * Printed lines are not part of a history's bytes, but the same scenario prints the same lines.
 *
 * @throws if no place is given, or an effect is read from rows or views, which have no time
 * @example
 * noticed({ withinMs: 1_000, by: ['logs', failures, health] })
 */
export function noticed(options: Noticing): Invariant {
  assertOptions('noticed', options ?? null, ['withinMs', 'by', 'degraded'])
  assertNumber('noticed: withinMs', options.withinMs ?? null, 'milliseconds above 0')
  assertType('noticed: degraded', options.degraded, 'function', "a function of an operation's answer")
  const places = placesOf(options.by)
  return {
    kind: 'invariant',
    name: `noticed(${places.map(({ name }) => name).join(', ')})`,
    effects: places.flatMap(({ effect }) => (effect === undefined ? [] : [effect.source])),
    check(history: History) {
      const failures = failuresOf(history, options)
      if (failures.length === 0) return vacuous('no dependency failed in a way that changed an answer.')
      const silent = failures.filter((failure) => !isNoticed(history, failure, places, options.withinMs))
      const judged = silent.filter((failure) => wasAsked(history, failure, places, options.withinMs))
      const certain = judged.filter(({ sinceMs }) => isQuiet(history) || isOver(history, sinceMs, options.withinMs))
      if (certain.length > 0)
        return { kind: 'violated', reasons: certain.map((failure) => unnoticed(failure, places, options.withinMs)) }
      if (judged.length > 0) return undecided(`${cutShort(history)}, and a failure may still be noticed.`)
      return silent.length < failures.length ? holds : vacuous('nobody asked a health check after a failure.')
    },
  }
}

interface NoticePlace {
  readonly name: string
  readonly effect?: Effect<never>
  readonly operation?: string
}

function placesOf(by: unknown): readonly NoticePlace[] {
  assertList('noticed: by', by ?? null, "places, as in ['logs', failures, health]")
  const places = (by as Noticing['by']).map((place): NoticePlace => {
    if (place === 'logs') return { name: 'logs' }
    if (typeof place === 'object' && place !== null && place.kind === 'operation')
      return { name: place.name, operation: place.name }
    if (typeof place !== 'object' || place === null || place.kind !== 'effect')
      throw new Error(`noticed: by holds ${foundWords(place)}; give 'logs', a journal or requests, or an operation.`)
    assertHasTimes('noticed', place.source)
    return { name: place.name, effect: place }
  })
  if (places.length === 0) throw new Error("noticed: by names no place; give e.g. ['logs'].")
  return places
}

/** A failed dependency that changed the answer to a request. */
interface DegradedCall {
  /** The last call to the dependency. */
  readonly call: Send
  readonly status: number | undefined
  /** When the answer was changed, or its node was able to notice. */
  readonly sinceMs: number
  /** `seq` of the changed answer, or of what stands for it. */
  readonly answer: number
}

function failuresOf(history: History, { degraded, withinMs }: Noticing): readonly DegradedCall[] {
  const { events } = history
  const firstFault = events.find(({ kind }) => kind === 'fault')
  if (firstFault === undefined) return []
  const messages = messagesOf(events)
  const ends = new Map(completionsOf(history).map((end) => [end.invocation, end]))
  return Array.from(lastCalls(events, messages), ({ call, served, request }): readonly DegradedCall[] => {
    if (messages.good.has(call.seq)) return []
    const reply = messages.replies.get(request.seq)
    if (reply !== undefined && messages.replaced.has(reply.seq)) return []
    const end = ends.get(invocationOf(call.address.root) ?? -1)
    if (reply !== undefined && reply.status < 400 && !isDegraded(request, end, degraded)) return []
    const answer = reply ?? end ?? events.at(-1) ?? call
    if (answer.seq < firstFault.seq || answer.seq < call.seq) return []
    const { node } = served
    const sinceMs = events.reduce(
      (ms, event) =>
        event.kind === 'resume' && event.node === node && event.seq > call.seq ? Math.max(ms, event.atMs) : ms,
      answer.atMs,
    )
    const isExcused = events.some(
      (event) =>
        event.kind === 'crash' && event.node === node && event.seq > call.seq && event.atMs <= sinceMs + withinMs,
    )
    return isExcused ? [] : [{ call, status: reply?.status, sinceMs, answer: answer.seq }]
  }).flat()
}

interface Messages {
  readonly requests: ReadonlyMap<number, Send>
  /** By `seq` of the request: the first reply that left. */
  readonly replies: ReadonlyMap<number, Send>
  /** `seq` of requests with an answer that says the work was done or refused. */
  readonly good: ReadonlySet<number>
  /** `seq` of replies that somebody on the way made. */
  readonly replaced: ReadonlySet<number>
}

function messagesOf(events: readonly HistoryEvent[]): Messages {
  const requests = new Map<number, Send>()
  const replies = new Map<number, Send>()
  const good = new Set<number>()
  const replaced = new Set<number>()
  for (const event of events) {
    if (event.kind === 'send' && event.request === -1) requests.set(event.seq, event)
    else if (event.kind === 'send' && !replies.has(event.request)) replies.set(event.request, event)
    else if (event.kind === 'arrive' && !event.late) {
      const reply = events[event.cause]
      if (reply?.kind === 'send' && reply.request !== -1 && isGood(reply.status)) good.add(reply.request)
    } else if (event.kind === 'fault' && deliveryOf([event.fault]).answer !== undefined) replaced.add(event.cause)
  }
  return { requests, replies, good, replaced }
}

function isGood(status: number): boolean {
  return status < 500 && status !== 429
}

interface LastCall {
  readonly call: Send
  /** The arrival of the request that its node served. */
  readonly served: Arrive
  readonly request: Send
}

/** Of each served request, the last call to each dependency. Copies of a request are not answered, and left out. */
function lastCalls(events: readonly HistoryEvent[], { requests }: Messages): Iterable<LastCall> {
  const firstArrival = new Map<number, number>()
  const last = new Map<string, LastCall>()
  for (const event of events) {
    if (event.kind === 'arrive' && !firstArrival.has(event.cause)) firstArrival.set(event.cause, event.seq)
    if (event.kind !== 'send' || event.request !== -1) continue
    const served = events[event.cause]
    const request = served === undefined ? undefined : requests.get(served.cause)
    if (served?.kind !== 'arrive' || request === undefined || firstArrival.get(request.seq) !== served.seq) continue
    last.set(`${served.seq} ${event.address.to}`, { call: event, served, request })
  }
  return last.values()
}

function isDegraded(request: Send, end: Completion | undefined, degraded: Noticing['degraded']): boolean {
  return request.address.path.length === 0 && end?.kind === 'ok' && degraded?.(end.value) === true
}

function isNoticed(
  history: History,
  { call, sinceMs }: DegradedCall,
  places: readonly NoticePlace[],
  withinMs: number,
): boolean {
  const dependency = call.address.to
  const names = namesOf(dependency)
  const inTime = (atMs: number): boolean => atMs <= sinceMs || leastMs(history, sinceMs, atMs) <= withinMs
  const isSomebodyElse = (node: string): boolean => node !== dependency && clientOf(node) === undefined
  const isNamed = (text: string): boolean => names.some((name) => text.toLowerCase().includes(name))
  return places.some(({ effect, operation }) => {
    if (effect === undefined && operation === undefined)
      return history.notes.some(
        ({ text, printed }) =>
          printed !== undefined &&
          printed.after >= call.seq &&
          isSomebodyElse(printed.node) &&
          inTime(printed.atMs) &&
          isNamed(text),
      )
    return history.events.some((event) => {
      if (event.seq < call.seq || !inTime(event.atMs)) return false
      if (event.kind === 'effect' && event.effect === effect?.name)
        return isSomebodyElse(event.node) && isNamed(textOf(event.value))
      return isAnswerOf(event, operation) && isNamed(textOf(event.value))
    })
  })
}

function isAnswerOf(event: HistoryEvent, operation: string | undefined): event is Completion {
  return (event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info') && event.operation === operation
}

/** Whether health checks, if there are any, were asked after the failure and answered in time. */
function wasAsked(
  history: History,
  { sinceMs }: DegradedCall,
  places: readonly NoticePlace[],
  withinMs: number,
): boolean {
  const operations = places.flatMap(({ operation }) => operation ?? [])
  if (operations.length === 0) return true
  const begun = new Set(
    history.events.flatMap((event) => (event.kind === 'invoke' && event.atMs >= sinceMs ? [event.invocation] : [])),
  )
  return completionsOf(history).some(
    ({ operation, invocation, value, atMs }) =>
      operations.includes(operation) &&
      begun.has(invocation) &&
      value !== undefined &&
      leastMs(history, sinceMs, atMs) <= withinMs,
  )
}

function isOver(history: History, sinceMs: number, withinMs: number): boolean {
  return leastMs(history, sinceMs, history.events.at(-1)?.atMs ?? 0) > withinMs
}

/** `api.stripe.com` is also called `stripe`, and `smtp.mailer` `smtp`. */
function namesOf(dependency: string): readonly string[] {
  const name = dependency.toLowerCase()
  const label = name.split('.').at(-2)
  return label === undefined || label === '' ? [name] : [name, label]
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return '' // what JSON cannot write names nothing
  }
}

function unnoticed({ call, status, answer }: DegradedCall, places: readonly NoticePlace[], withinMs: number): Reason {
  const { from, to, operation } = call.address
  const given = status === undefined ? 'never answered' : `answered ${status}`
  return {
    text:
      `${operation} of ${from} to ${to} at ${seconds(call.atMs)} failed, and ${from} ${given}; expected that ` +
      `${places.map(({ name }) => name).join(' or ')} names ${to} within ` +
      `${seconds(withinMs)}.`,
    kind: 'unnoticed',
    ...ofLink(from, to),
    events: [...new Set([call.seq, answer])].toSorted((a, b) => a - b),
  }
}
