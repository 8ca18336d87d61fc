// A broker that calls its consumer, instead of being asked: batches over a link, as many at once as the consumer takes.
// Whoever uses it says what a batch looks like, and what becomes of its messages after it.
import type { VirtualTimer } from '../../simulate/context.ts'
import { linksOf } from '../../simulate/link.ts'
import { isUnreached, type Server } from '../../simulate/protocol.ts'
import { latencyMs, type World } from '../../simulate/world.ts'
import type { PortReply, PortRequest } from '../../transport/port-protocol.ts'
import { bug } from '../../plain/bug.ts'
import { pushProtocol } from './push-call.ts'
import type { LiveQueue } from './live-queue.ts'
import type { QueuedMessage } from './message-queue.ts'

/** A consumer that is called. */
export interface Subscription {
  /** The node that is called. */
  readonly node: string
  /** The most messages of one call. */
  readonly most: number
  /** How long a round of polling takes, in milliseconds. @default as long as a message over the network */
  readonly roundMs?: number
  /** How long a call waits for more messages, in milliseconds. */
  readonly windowMs: number
  /** The most calls at once. */
  readonly concurrent: number
  /** How long the broker waits for an answer, in milliseconds. */
  readonly patienceMs: number
  /** What the call says. */
  batchOf(messages: readonly QueuedMessage[]): unknown
  /** The consumer's side of a call. */
  readonly server: Server<PortRequest, PortReply>
  /** The call is over. Without a reply nobody knows what was done, unless it reached nobody. */
  settle(messages: readonly QueuedMessage[], reply: PortReply | 'unreached' | undefined): void
}

/** Calls a consumer whenever something is visible. */
export function push(world: World, live: LiveQueue, subscription: Subscription): void {
  const { node: name, most, windowMs, concurrent, roundMs = latencyMs } = subscription
  const node = world.nodes.get(name) ?? bug(`no node "${name}"`)
  let busy = 0
  let due: VirtualTimer | undefined
  let isFull = false
  const deliver = (): void => {
    const context = live.firstVisible
    if (context === undefined) return
    const messages = live.take(most)
    busy += 1
    const answered = (reply: PortReply | 'unreached' | undefined): void => {
      busy -= 1
      subscription.settle(messages, reply)
      pump()
    }
    linksOf(world).issue(world, context, {
      protocol: pushProtocol(subscription.patienceMs),
      request: { method: `deliver ${live.definition.name}`, args: [subscription.batchOf(messages)], isRead: false },
      callee: { node, server: subscription.server },
      answer: answered,
      fail: (failure) => answered(isUnreached(failure) ? 'unreached' : undefined),
    })
  }
  /** What comes within a round of polling, or within the window, comes in one batch. */
  const pump = (): void => {
    const context = live.firstVisible
    if (busy >= concurrent || context === undefined) return
    const becameFull = !isFull && windowMs > 0 && live.visible >= most
    if (due !== undefined && !becameFull) return
    due?.cancel()
    isFull = live.visible >= most
    const waitMs = roundMs + (isFull ? 0 : windowMs)
    due = context.host.arm(context, waitMs, over, false)
  }
  const over = (): void => {
    due = undefined
    isFull = false
    deliver()
    // Several consumers get their batches at one moment, where these wait for nothing more
    while (busy < concurrent && live.visible >= (windowMs > 0 ? most : 1)) deliver()
    pump()
  }
  // Recovery lasts long enough for a call whose answer is lost to be given up, and made again
  world.timers.longestMs = Math.max(world.timers.longestMs, subscription.patienceMs)
  live.subscribe(name, pump)
}
