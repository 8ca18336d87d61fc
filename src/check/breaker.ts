// What a circuit breaker let through: the requests to a dependency that were sent after too many failures in a row.
// Knows the messages of a history, and which of them their caller can have noticed; must not know any breaker.
import { nodeWords } from '../history/node-words.ts'
import { deliveryOf } from '../scenario/fault/registry.ts'
import type { History, HistoryEvent, Lost, Send } from '../history/history.ts'
import { leastMs, waitedMs } from '../history/machine-clocks.ts'
import { ofLink, type Reason } from '../verdict/reason.ts'
import { seconds, times } from './reason-words.ts'

/** A circuit breaker, described by its behaviour on the network. */
export interface Breaker {
  /**
   * The breaker opens after so many failures in a row. Failures are statuses from 500 and 429, connections that were
   * reset, and requests that outlast `timeoutMs`. What reached nobody (a refused connection, say) does not count,
   * since the history does not show when its caller notices.
   */
  readonly opensAfter: number
  /**
   * While it is open, at most `probes` requests may be sent in any period of so many milliseconds, by virtual time or
   * by the caller's own timers.
   */
  readonly openForMs: number
  /** @default 1 */
  readonly probes?: number
  /** After so many milliseconds, by both clocks, a request without an answer is a failure. @default it never is */
  readonly timeoutMs?: number
  /**
   * The only caller that has a breaker. `'client'`: each client has its own, such as one that an `actor` holds.
   *
   * @default each calling node has its own breaker, and clients have none
   */
  readonly from?: string
}

/** Finds requests to the dependency that should not have been sent, and whether any breaker had to open. */
export function overProbed(
  history: History,
  dependency: string,
  breaker: Breaker,
): { readonly reasons: readonly Reason[]; readonly looked: boolean } {
  const { events } = history
  const callers = new Map<string, Caller>()
  const providers = new Set(events.flatMap((event) => (event.kind === 'invoke' ? [event.node] : [])))
  const isLoad = (caller: string): boolean => caller === 'client' || providers.has(caller)
  const asked = new Map<number, { readonly caller: Caller; readonly request: number; readonly status: number }>()
  const callerOf = (node: string): Caller => {
    const caller = callers.get(node) ?? new Caller(history, node, dependency, breaker)
    callers.set(node, caller)
    return caller
  }
  /** Clients and providers have no breaker by default: their requests are the load on the system. */
  const hasBreaker = (caller: string): boolean =>
    breaker.from === undefined ? !isLoad(caller) : caller === breaker.from
  for (const event of events) {
    if (event.kind === 'send') {
      const request = event.request === -1 ? event : undefined
      if (request !== undefined && request.address.to === dependency && hasBreaker(request.address.from)) {
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
      else callerOf(event.node).becomesAmbiguous()
    } else if (event.kind === 'pause') callers.get(event.node)?.giveUp(event.atMs)
    else if (event.kind === 'resume') callers.get(event.node)?.wakes(event.atMs)
    else if (event.kind === 'fault') {
      const { pauses, deploys = [] } = deliveryOf([event.fault])
      for (const { node, replaced } of pauses) if (replaced) callerOf(node).becomesAmbiguous()
      for (const { node } of deploys) callerOf(node).becomesAmbiguous()
    }
  }
  const all = Array.from(callers.values())
  for (const caller of all) caller.giveUp(events.at(-1)?.atMs ?? 0)
  return {
    reasons: all.flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    looked: all.some(({ opened }) => opened),
  }
}

const reachedNobody: ReadonlySet<Lost['why']> = new Set(['refused', 'unresolved', 'unreachable', 'down'])

const broke: ReadonlySet<Lost['why']> = new Set(['reset', 'closed', 'timeout'])

/** Passes on what the caller of a request notices. It does not notice that a request arrives, or that it is lost. */
function hears(
  { caller, request, status }: { readonly caller: Caller; readonly request: number; readonly status: number },
  event: HistoryEvent,
): void {
  if (event.kind === 'lost' && reachedNobody.has(event.why)) caller.isRefused(request, event.atMs)
  if (event.kind === 'lost' && broke.has(event.why) && event.node === caller.node) caller.fails(request, event)
  if (event.kind !== 'arrive' || event.late || status === 0) return
  if (status >= 500 || status === 429) caller.fails(request, event)
  else caller.succeeds(request, event.atMs)
}

/** One calling node, and what it knows of the dependency. */
class Caller {
  readonly node: string
  readonly #history: History
  readonly #dependency: string
  readonly #breaker: Breaker
  readonly #waiting = new Map<number, Send>()
  #failures: number[] = []
  #openSince: { readonly atMs: number; readonly events: readonly number[] } | undefined
  /** Requests that were sent while the breaker was open. */
  #probes: Send[] = []
  /**
   * The last request with a good answer. The caller may have given up any request that it sent before this one and that
   * still waits.
   */
  #answered = -1
  #isAmbiguous = false
  #wokeAtMs = 0
  opened = false
  reason: Reason | undefined

  constructor(history: History, node: string, dependency: string, breaker: Breaker) {
    this.#history = history
    this.node = node
    this.#dependency = dependency
    this.#breaker = breaker
  }

  sends(request: Send): void {
    this.giveUp(request.atMs)
    this.#waiting.set(request.seq, request)
    if (this.#openSince === undefined || this.reason !== undefined || this.#isAmbiguous) return
    this.#probes.push(request)
    const { openForMs, probes = 1 } = this.#breaker
    const first = this.#probes.at(-1 - probes)
    if (
      first !== undefined &&
      request.atMs - first.atMs <= openForMs - 1 &&
      waitedMs(this.#history, request, first.atMs, request.atMs) <= openForMs - 1
    )
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

  /** A new incarnation begins with a closed breaker and no open requests. */
  forgets(nowMs: number): void {
    this.giveUp(nowMs)
    this.#waiting.clear()
    this.#close()
  }

  /** What was due while it was paused, it notices when it goes on. */
  wakes(nowMs: number): void {
    this.#wokeAtMs = nowMs
  }

  /** Two incarnations at once, or two instances, have two breakers, but their requests cannot be told apart. */
  becomesAmbiguous(): void {
    this.#isAmbiguous = true
  }

  #close(): void {
    this.#failures = []
    this.#openSince = undefined
    this.#probes = []
  }

  /**
   * Counts the requests that have timed out. A timeout that is due at this very moment may not have fired yet. Requests
   * are in order of sending, so the first that is not due ends the loop.
   */
  giveUp(nowMs: number): void {
    const { timeoutMs } = this.#breaker
    if (timeoutMs === undefined) return
    for (const [seq, { atMs }] of this.#waiting) {
      const dueAtMs = Math.max(atMs + timeoutMs, this.#wokeAtMs)
      if (dueAtMs >= nowMs || leastMs(this.#history, atMs, nowMs) <= timeoutMs) return
      this.#waiting.delete(seq)
      if (seq > this.#answered) this.#failed(seq, dueAtMs)
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
