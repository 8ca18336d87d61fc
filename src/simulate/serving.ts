// Requests that a node has accepted and not answered yet, and which of them nobody can answer any more when a history
// ends. Knows contexts; must not know what a handler does.
import { isDead, type Context } from './context.ts'
import type { Lasso } from './lasso.ts'
import type { Scheduler } from './scheduler.ts'
import type { Timers } from './timers.ts'

/** A request that was accepted. */
export interface Serving {
  /** What the handler runs in. */
  readonly context: Context
  readonly request: unknown
  /** When it arrived. The cause of its context is the event of its arrival. */
  readonly sinceMs: number
  /** Whether its caller waits no more: answered by another copy, failed, given up or dead. */
  readonly isLeft: () => boolean
  /** Whether its handler runs: at a node with a capacity, a request may have to wait before. */
  begun: boolean
}

/** What a world knows when its history ends. */
interface AtEnd {
  readonly lasso: Lasso
  readonly scheduler: Scheduler
  readonly serving: ReadonlySet<Serving>
  readonly timers: Timers
}

const watchedForLeaving = new WeakSet<object>()

/**
 * The handler of this request has asked for its signal, which its server aborts when the caller leaves: where that news
 * is lost, it cannot be blamed for waiting.
 */
export function watchesForLeaving(request: object): void {
  watchedForLeaving.add(request)
}

/**
 * The `seq` of the arrivals that are never answered, in order: the caller has left, the node lives, and the handler has
 * neither a timer nor a call of its own under way. Where loops go round, it has sat through all their rounds.
 *
 * @param isUnderWay whether a call made under the parent with this identity is open
 */
export function neverAnswered(
  { lasso, scheduler, serving, timers }: AtEnd,
  isUnderWay: (parent: string) => boolean,
): readonly number[] {
  const { timer, message } = scheduler.waiting
  const isLooping = timer > 0 || message > 0
  const found: number[] = []
  for (const { context, request, sinceMs, isLeft, begun } of serving) {
    if (isDead(context.life) || isWatched(request)) continue
    if (isLooping && (!begun || !isLeft() || sinceMs >= lasso.sinceMs)) continue
    if (timers.isArmedUnder(context.id) || isUnderWay(context.id)) continue
    found.push(context.cause)
  }
  return found.sort((a, b) => a - b)
}

function isWatched(request: unknown): boolean {
  return typeof request === 'object' && request !== null && watchedForLeaving.has(request)
}
