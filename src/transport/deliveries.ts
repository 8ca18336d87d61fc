// deliveries: the two-line way to test a bare `(event) => Promise<void>`. A provider that delivers at least once calls
// the handler, as an operation. The handler is a node of its own, so that every fault of calls and nodes applies to it.
// This file does not know how a simulation works.
import { clientWords } from '../history/node-words.ts'
import * as fc from 'fast-check'
import { completionsOf, pendingIn } from '../history/history.ts'
import { type AnyArbitrary, op, outcomeOf, type Operation } from '../system/operation.ts'
import { current } from '../simulate/context.ts'
import type { System } from '../system/system.ts'
import { decodeValue, encodeValue } from '../plain/value.ts'
import { holds, undecided, vacuous, violated, type Invariant } from '../verdict/verdict.ts'
import { failedItems, failuresText, itemIds, onlyItems, type Items } from './batch.ts'
import { post, untilAccepted } from './provide.ts'
import { serve } from './serve.ts'

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
 * messages that it did not accept as `batchItemFailures`; only these are delivered again. (The node then answers 422.)
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
  const provider = op('deliver', new EventOf(events as fc.Arbitrary<readonly E[]>), (event) => provide(event), {
    outcome: (result) => (result === undefined ? 'info' : outcomeOf(result)),
  })
  const deliver: Operation<E> = { ...provider, atLeastOnce: true }
  const added = typeof parts === 'function' ? parts(deliver) : parts
  return {
    clients: 3,
    maxOperations: 6,
    ...added,
    // the cast holds: the provider sends only events of this arbitrary
    nodes: { ...added.nodes, handler: serve(() => (request) => receive((event) => handler(event as E), request)) },
    operations: [deliver, ...(added.operations ?? [])],
    invariants: [...(added.invariants ?? []), accepted],
  }
}

async function receive(handler: (event: unknown) => unknown, request: Request): Promise<Response> {
  const event = decodeValue(await request.json())
  const ids = itemIds(event) // before the handler changes it
  const returned = await handler(event)
  return failedItems(ids, returned) === undefined
    ? new Response(null, { status: 204 })
    : new Response(failuresText(returned), { status: notAccepted })
}

/** Delivers until the handler accepts the event, or all items of a batch. Gives `undefined` when it gives up. */
async function provide(event: unknown): Promise<Response | undefined> {
  let rest = event
  const attempt = async (): Promise<Response | undefined> => {
    const body = JSON.stringify(encodeValue(rest))
    const response = await post('http://handler/', { method: 'POST', body }, answerWithinMs)
    if (response?.status === notAccepted) rest = onlyItems(rest, await failedOf(rest, response))
    return response
  }
  const last = await untilAccepted(attempt, pauses())
  return last?.ok === true ? last : undefined
}

/** The pause after each attempt. Counted since healing: no provider gives up while it cannot reach anybody. */
function pauses(): () => number | undefined {
  let nextMs: number = firstPauseMs
  let pausedMs = 0
  return () => {
    if (pausedMs > patienceMs) return undefined
    const pauseMs = nextMs
    nextMs = Math.min(2 * pauseMs, longestPauseMs)
    if (current()?.host.healed === true) pausedMs += pauseMs
    return pauseMs
  }
}

/** The failed messages of what was sent. */
async function failedOf(sent: unknown, response: Response): Promise<Items> {
  const returned: unknown = await response.json().catch(() => undefined)
  return failedItems(itemIds(sent), returned) ?? 'all' // a damaged answer accepts nothing
}

/**
 * The status of an answer whose body lists the failed messages of a batch. No fault uses this status. If the body is
 * damaged on its way, the whole batch counts as failed.
 */
const notAccepted = 422

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
