// What a circuit breaker let through: the requests to a dependency that left after so many failures in a row. Knows the
// messages of a history, and what their caller can have heard of them; must not know any breaker.
import { nodeWords } from '../history/node-words.ts'
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { History, HistoryEvent, Send } from '../history/history.ts'
import { ofLink, type Reason } from '../verdict/reason.ts'
import { seconds, times } from './reason-words.ts'

/** A circuit breaker as it is seen from outside. */
export interface Breaker {
  /**
   * It is open after so many failures in a row: answers from 500, 429, connections that were reset, and what
   * `timeoutMs` says. A refused connection counts for nothing, since when its caller hears of it is in no history.
   */
  readonly opensAfter: number
  /** While it is open, at most `probes` requests leave in any stretch of so many milliseconds of virtual time. */
  readonly openForMs: number
  /** @default 1 */
  readonly probes?: number
  /** A request without an answer is a failure after so many milliseconds of virtual time. @default it is nothing */
  readonly timeoutMs?: number
  /**
   * Only of this caller; `'client'`: each client has one, as an `actor` holds it.
   *
   * @default every calling node has a breaker of its own, and clients have none
   */
  readonly from?: string
}

/** Requests to the dependency that should not have left, and whether any breaker had to open. */
export function overProbed(
  { events }: History,
  dependency: string,
  breaker: Breaker,
): { readonly reasons: readonly Reason[]; readonly looked: boolean } {
  const callers = new Map<string, Caller>()
  const asked = new Map<number, { readonly caller: Caller; readonly request: number; readonly status: number }>()
  const callerOf = (node: string): Caller => {
    const caller = callers.get(node) ?? new Caller(node, dependency, breaker)
    callers.set(node, caller)
    return caller
  }
  for (const event of events) {
    if (event.kind === 'send') {
      const request = event.request === -1 ? event : undefined
      if (request !== undefined && request.address.to === dependency && hasBreaker(request.address.from, breaker)) {
        const caller = callerOf(request.node)
        asked.set(event.seq, { caller, request: event.seq, status: 0 })
        caller.sends(request)
      } else {
        const about = asked.get(event.request)
        if (about !== undefined) asked.set(event.seq, { ...about, status: event.status })
      }
    } else if (event.kind === 'arrive' || event.kind === 'lost') {
      const about = asked.get(event.cause)
      if (about !== undefined) hears(about, event)
    } else if (event.kind === 'boot') {
      if (event.instance === undefined) callers.get(event.node)?.forgets(event.atMs)
      else callerOf(event.node).isTwo()
    } else if (event.kind === 'fault') {
      for (const { node, replaced } of deliveryOf([event.fault]).pauses) if (replaced) callerOf(node).isTwo()
    }
  }
  const all = Array.from(callers.values())
  for (const caller of all) caller.giveUp(events.at(-1)?.atMs ?? 0)
  return {
    reasons: all.flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    looked: all.some(({ opened }) => opened),
  }
}

/** Most clients have none: what they ask is load, and not a call that a node makes. */
function hasBreaker(caller: string, { from }: Breaker): boolean {
  return from === undefined ? caller !== 'client' : caller === from
}

/** Of a request that arrives, or that is lost on its way, its caller hears nothing. */
function hears(
  { caller, request, status }: { readonly caller: Caller; readonly request: number; readonly status: number },
  event: HistoryEvent,
): void {
  if (event.kind === 'lost' && (event.why === 'refused' || event.why === 'down')) caller.isRefused(request, event.atMs)
  if (event.kind === 'lost' && (event.why === 'reset' || event.why === 'timeout') && event.node === caller.node)
    caller.fails(request, event)
  if (event.kind !== 'arrive' || event.late || status === 0) return
  if (status >= 500 || status === 429) caller.fails(request, event)
  else caller.succeeds(request, event.atMs)
}

/** One calling node, as it sees the dependency. */
class Caller {
  readonly node: string
  readonly #dependency: string
  readonly #breaker: Breaker
  readonly #waiting = new Map<number, Send>()
  #failures: number[] = []
  #openSince: { readonly atMs: number; readonly events: readonly number[] } | undefined
  /** Requests that left while it was open. */
  #probes: Send[] = []
  /**
   * The last request with a good answer: what was sent before it and still waits may have been given up before that
   * answer.
   */
  #answered = -1
  #two = false
  opened = false
  reason: Reason | undefined

  constructor(node: string, dependency: string, breaker: Breaker) {
    this.node = node
    this.#dependency = dependency
    this.#breaker = breaker
  }

  sends(request: Send): void {
    this.giveUp(request.atMs)
    this.#waiting.set(request.seq, request)
    if (this.#openSince === undefined || this.reason !== undefined || this.#two) return
    this.#probes.push(request)
    const { openForMs, probes = 1 } = this.#breaker
    const first = this.#probes.at(-1 - probes)
    if (first !== undefined && request.atMs - first.atMs < openForMs)
      this.reason = this.#tooMany(this.#probes.slice(-1 - probes), this.#openSince)
  }

  fails(request: number, event: HistoryEvent): void {
    this.giveUp(event.atMs)
    if (this.#waiting.delete(request)) this.#failed(event.seq, event.atMs)
  }

  isRefused(request: number, nowMs: number): void {
    this.giveUp(nowMs)
    this.#waiting.delete(request)
  }

  succeeds(request: number, nowMs: number): void {
    this.giveUp(nowMs)
    this.#waiting.delete(request)
    if (request > this.#answered) this.#answered = request
    this.#close()
  }

  /** A new life begins with a closed breaker, and waits for nothing. */
  forgets(nowMs: number): void {
    this.giveUp(nowMs)
    this.#waiting.clear()
    this.#close()
  }

  /** Two incarnations, or two instances, have two breakers, and their requests cannot be distinguished. */
  isTwo(): void {
    this.#two = true
  }

  #close(): void {
    this.#failures = []
    this.#openSince = undefined
    this.#probes = []
  }

  /**
   * What it waited for in vain; what is due at this very moment it may not know yet. In order of sending, so that the
   * first that is not due ends it.
   */
  giveUp(nowMs: number): void {
    const { timeoutMs } = this.#breaker
    if (timeoutMs === undefined) return
    for (const [seq, { atMs }] of this.#waiting) {
      if (atMs + timeoutMs >= nowMs) return
      this.#waiting.delete(seq)
      if (seq > this.#answered) this.#failed(seq, atMs + timeoutMs)
    }
  }

  #failed(seq: number, atMs: number): void {
    this.#failures.push(seq)
    if (this.#openSince !== undefined || this.#failures.length < this.#breaker.opensAfter) return
    this.#openSince = { atMs, events: this.#failures.slice(-this.#breaker.opensAfter) }
    this.opened = true
  }

  #tooMany(sent: readonly Send[], open: { readonly atMs: number; readonly events: readonly number[] }): Reason {
    const { opensAfter, openForMs, probes = 1 } = this.#breaker
    const [first, last] = [sent[0], sent.at(-1)]
    return {
      text:
        `${nodeWords(this.node)} asked ${this.#dependency} ${times(sent.length)} from ` +
        `${seconds(first?.atMs ?? 0)} to ` +
        `${seconds(last?.atMs ?? 0)}, after ${opensAfter} failures in a row by ${seconds(open.atMs)}; ` +
        `expected at most ${times(probes)} in ${seconds(openForMs)}.`,
      kind: 'too-many-probes',
      ...ofLink(first?.address.from ?? this.node, this.#dependency),
      events: [...open.events, ...sent.map(({ seq }) => seq)].sort((a, b) => a - b),
    }
  }
}
