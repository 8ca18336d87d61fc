// deliveries: the two-line way to test a bare `(event) => Promise<void>`. Each event is an operation: the queue of a
// provider keeps it, and calls the handler until that accepts it. The handler is a node of its own, so that every fault
// of calls and nodes applies to it.
import * as fc from 'fast-check'
import { clientWords } from '../history/node-words.ts'
import { completionsOf, pendingIn } from '../history/history.ts'
import { decodeValue, encodeValue } from '../plain/value.ts'
import type { Context } from '../simulate/context.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { World } from '../simulate/world.ts'
import { op, type AnyArbitrary, type Operation } from '../system/operation.ts'
import type { NodeDefinition, System } from '../system/system.ts'
import type { PortReply, PortRequest } from '../transport/port-protocol.ts'
import { running } from '../transport/provide.ts'
import { holds, undecided, vacuous, violated, type Invariant } from '../verdict/verdict.ts'
import { failedItems, itemIds, onlyItems, type Items } from './core/batch.ts'
import { liveQueue } from './core/brokers.ts'
import type { LiveQueue, QueueDefinition } from './core/live-queue.ts'
import { messageId } from './core/message-id.ts'
import type { QueuedMessage } from './core/message-queue.ts'
import { push } from './core/push.ts'
import { tellThrown } from './core/thrown.ts'

/**
 * The parts of a system that are added to the handler. A function receives the operation `deliver`, to join it with
 * effects.
 */
export type DeliveryParts<E> = Partial<System> | ((deliver: Operation<E>) => Partial<System>)

/** How long the provider waits for an answer, in milliseconds. */
const answerWithinMs = 10_000
/**
 * The provider's first pause before it delivers again, and the longest: each pause is twice the one before. In
 * milliseconds.
 */
const [firstPauseMs, longestPauseMs] = [1_000, 60_000] as const
/** How long the provider goes on trying after the last fault, in milliseconds. */
const patienceMs = 300_000

/**
 * A system with one event handler. Each event is an operation `deliver` of a provider that delivers at least once, in
 * any order and overlapping. The provider delivers again after 10 s without an answer, and whenever the handler throws,
 * until the handler accepts the event. The node `handler` may crash in between; module-level memory survives that.
 * Every event must be accepted in the end. Add your own invariants, stores and journals in `parts`.
 *
 * An event may be a batch `{ Records: [{ messageId, ... }] }`. As in AWS Lambda with SQS, the handler may return the
 * messages that it did not accept as `batchItemFailures`; only these are delivered again.
 *
 * Events are drawn one by one from the lists that `events` generates. Where several events should concern one thing,
 * let `events` draw their ids from a small set.
 *
 * @throws if `handler` is not a function, or `events` is not an arbitrary
 * @example
 * testResilience('a credit counts once', deliveries(receive, fc.array(event),
 *   (deliver) => {
 *     const once = exactlyOnce(deliver.by((e) => e.id), credited.by((c) => c.id))
 *     return { stores: [sqlite(db)], invariants: [once] }
 *   }))
 */
export function deliveries<E>(
  handler: (event: E) => unknown,
  events: AnyArbitrary<readonly E[]>,
  parts: DeliveryParts<E> = {},
): System {
  if (typeof handler !== 'function')
    throw new Error(
      `deliveries(): its first argument is ${handler === null ? 'null' : typeof handler}, not a handler (event) ` +
        '=> Promise<void>.',
    )
  if (!(events instanceof fc.Arbitrary))
    throw new Error(
      'deliveries(): its second argument is no arbitrary of this copy of fast-check. Give one that makes lists ' +
        'of events: fc.array(event).',
    )
  const provider = op('deliver', new EventOf(events as fc.Arbitrary<readonly E[]>), deliver, {
    outcome: (accepted) => (accepted === undefined ? 'info' : 'ok'),
  })
  const delivering: Operation<E> = { ...provider, atLeastOnce: true }
  const added = typeof parts === 'function' ? parts(delivering) : parts
  return {
    clients: 3,
    maxOperations: 6,
    ...added,
    // the cast holds: the queue keeps only events of this arbitrary
    nodes: { ...added.nodes, handler: handling((event) => handler(event as E)) },
    operations: [delivering, ...(added.operations ?? [])],
    invariants: [...(added.invariants ?? []), accepted],
  }
}

/** What the provider keeps, in each history. A message comes again when it says so, and not by its visibility. */
const queue: QueueDefinition = {
  name: 'events',
  rules: { visibilityMs: Infinity, delayMs: 0, maxReceives: undefined, fifo: false },
}

/** One event on its way to the handler. */
interface Underway {
  /** What the handler has not accepted of it, as JSON. */
  rest: unknown
  nextPauseMs: number
  /** Since healing: no provider gives up while it cannot reach anybody. */
  pausedMs: number
  /** Ends its operation; undefined where the provider has given up. */
  readonly ended: (accepted: 'accepted' | undefined) => void
}

/** One operation. Undefined where the provider gave up before the handler accepted its event. */
function deliver(event: unknown): Promise<'accepted' | undefined> {
  const context = running()
  const rest = encodeValue(event)
  return new Promise((ended) => {
    const delivery: Underway = { rest, nextPauseMs: firstPauseMs, pausedMs: 0, ended }
    const message = { id: messageId(context, 0), body: JSON.stringify(rest), attributes: delivery }
    liveQueue(worldOf(context), queue).send(context, message)
  })
}

/** The node that the provider calls. */
function handling(handler: Handler): NodeDefinition {
  return {
    kind: 'node',
    boot: () => {
      subscribe()
      return (event: unknown) => handler(event) // another object for each incarnation
    },
    handle: (_, { method, url }) =>
      Promise.reject(
        new SetupError(
          `${method} ${url} went to the handler of deliveries(), which takes events and no requests. A node that ` +
            'takes requests is a serve().',
        ),
      ),
  }
}

type Handler = (event: unknown) => unknown

function subscribe(): void {
  const context = running()
  const world = worldOf(context)
  const live = liveQueue(world, queue)
  push(world, live, {
    node: context.life.node,
    most: 1,
    roundMs: 0,
    windowMs: 0,
    concurrent: Infinity,
    patienceMs: answerWithinMs,
    batchOf: ([message]) => (message === undefined ? undefined : deliveryOf(message).rest),
    server: { handle: (handler, request) => receive(handler as Handler, request) }, // what its boot gave
    settle: (messages, reply) => messages.forEach((message) => settle(world, live, message, reply)),
  })
}

/** What the handler gives: nothing where it accepted all. */
type Acceptance = { readonly notAccepted: Items } | undefined

/** One delivery at the handler. */
async function receive(handler: Handler, { args: [sent] }: PortRequest): Promise<PortReply> {
  const context = running()
  const ids = itemIds(sent) // before the handler changes it
  try {
    const notAccepted = failedItems(ids, await handler(decodeValue(sent)))
    return { kind: 'value', value: notAccepted && { notAccepted } }
  } catch (error) {
    tellThrown(context, error, 'the handler', 'its event is delivered again')
    return { kind: 'threw', error: undefined }
  }
}

function settle(
  world: World,
  live: LiveQueue,
  message: QueuedMessage,
  reply: PortReply | 'unreached' | undefined,
): void {
  const delivery = deliveryOf(message)
  const failed = typeof reply === 'object' && reply.kind === 'value' ? (reply.value as Acceptance)?.notAccepted : 'all'
  if (failed === undefined || delivery.pausedMs > patienceMs) {
    live.delete(message)
    return delivery.ended(failed === undefined ? 'accepted' : undefined)
  }
  const { nextPauseMs } = delivery
  delivery.rest = onlyItems(delivery.rest, failed)
  delivery.nextPauseMs = Math.min(2 * nextPauseMs, longestPauseMs)
  if (world.healed) delivery.pausedMs += nextPauseMs
  world.extent.expects(world.nowMs + nextPauseMs)
  live.again(message, nextPauseMs)
}

function deliveryOf({ attributes }: QueuedMessage): Underway {
  return attributes as Underway // what `deliver` sends
}

function worldOf({ host }: Context): World {
  return host as World // the only Host that lends contexts is a World
}

const accepted: Invariant = {
  kind: 'invariant',
  name: 'every event is accepted in the end',
  effects: [],
  check(history) {
    const ended = completionsOf(history).filter(({ operation }) => operation === 'deliver')
    const refused = ended.find(({ kind }) => kind !== 'ok')
    if (refused !== undefined) {
      return violated({
        text:
          `deliver of ${clientWords(refused.client)} was given up at ${refused.atMs / 1_000} s: the handler did not ` +
          'accept the event, not even minutes after the last fault.',
        kind: 'event-not-accepted',
        events: [refused.seq],
      })
    }
    if (pendingIn(history).some(({ operation }) => operation === 'deliver'))
      return undecided('The history ended before every event was accepted or given up.')
    return ended.length === 0 ? vacuous('No event was delivered.') : holds
  },
}

/** How many lists are drawn at most until one is not empty. */
const mostEmptyLists = 100

/**
 * Generates one event: the last of a generated list. Its shrinking context is that list, so that the event shrinks as
 * the user's arbitrary shrinks it.
 */
class EventOf<E> extends fc.Arbitrary<E> {
  readonly #lists: fc.Arbitrary<readonly E[]>

  constructor(lists: fc.Arbitrary<readonly E[]>) {
    super()
    this.#lists = lists
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<E> {
    for (let n = 0; n < mostEmptyLists; n++) {
      const list = this.#lists.generate(random, bias)
      if (!Array.isArray(list.value_))
        throw new TypeError(
          'deliveries() needs lists of events, and its second argument makes single ones: give fc.array(event)',
        )
      if (list.value_.length > 0) return lastOf(list)
    }
    throw new RangeError(`deliveries() drew ${mostEmptyLists} lists of events, all empty`)
  }

  override canShrinkWithoutContext(value: unknown): value is E {
    return this.#lists.canShrinkWithoutContext([value])
  }

  override shrink(value: E, context: unknown): fc.Stream<fc.Value<E>> {
    const list =
      // The cast holds: only lastOf makes such a context
      context instanceof fc.Value ? (context as fc.Value<readonly E[]>) : new fc.Value<readonly E[]>([value], undefined)
    return fc.stream(this.#smaller(list))
  }

  *#smaller(list: fc.Value<readonly E[]>): Generator<fc.Value<E>, void> {
    const event = list.value_.at(-1)
    for (const smaller of this.#lists.shrink(list.value_, list.context)) {
      if (smaller.value_.length === 0) continue
      if (Object.is(smaller.value_.at(-1), event)) {
        yield* this.#smaller(smaller) // the same event, in a shorter list
        return
      }
      yield lastOf(smaller)
    }
  }
}

function lastOf<E>(list: fc.Value<readonly E[]>): fc.Value<E> {
  return new fc.Value(list.value_.at(-1) as E, list) // the cast holds: the list is not empty
}
