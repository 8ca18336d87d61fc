// enqueue: an operation that puts a message into a queue, for tests of those who consume it. Knows the queues, and not
// how a simulation works.
import { assertNumber, assertOptions, assertType, foundWords, isRecord } from '../plain/options.ts'
import { SetupError } from '../simulate/setup-error.ts'
import { op, type AnyArbitrary, type Operation } from '../system/operation.ts'
import { running } from '../transport/provide.ts'
import type { World } from '../simulate/world.ts'
import { liveQueue } from './core/brokers.ts'
import { isServed } from './sqs/sqs.ts'
import type { CloudflareQueue } from './cloudflare/cloudflare-queue.ts'
import type { SqsQueue } from './sqs/sqs-queue.ts'

/** How messages are put into a queue. */
export interface EnqueueOptions<T> {
  /** The operation's name in stories and histories. @default `enqueue` */
  readonly name?: string
  /** The group of a message (MessageGroupId). Messages of one group are in order. @default one group */
  readonly group?: (input: T) => string
  /**
   * The deduplication id of a message (MessageDeduplicationId), for queues in order.
   *
   * @default each message has its own, which is the same when it is sent again
   */
  readonly deduplicationId?: (input: T) => string
  /** How often the producer tries again, at once, where it does not know that it was accepted. @default 0 */
  readonly retries?: number
  /** How long it waits for an answer, in milliseconds of virtual time. @default 5_000 */
  readonly timeout?: number
}

const known = { name: true, group: true, deduplicationId: true, retries: true, timeout: true } satisfies Record<
  keyof EnqueueOptions<unknown>,
  true
>

/**
 * An operation of clients: each input becomes a message. In a queue of SQS its body is the input's JSON (a text is the
 * body itself). It is ok where the queue has accepted the message. A queue that is not in order may deliver one message
 * twice, though its consumer was in time (Amazon SQS, "At-least-once delivery"): a duplicate of the call that sends it
 * is the same message once more.
 *
 * @param messages makes inputs: plain data
 * @throws if the queue is none, or an option is unknown or has a wrong value
 * @example
 * const order = fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1 }) })
 * const placed = enqueue(orders, order)
 * const invariants = [exactlyOnce(placed.by((o) => o.id), charged.by((c) => c.order))]
 */
export function enqueue<T>(
  queue: SqsQueue | CloudflareQueue<T>,
  messages: AnyArbitrary<T>,
  options: EnqueueOptions<T> = {},
): Operation<T, Promise<unknown>> {
  const kind: unknown = isRecord(queue) ? queue.kind : undefined
  if (kind !== 'sqs-queue' && kind !== 'cloudflare-queue')
    throw new Error(`enqueue(): its first argument is ${foundWords(queue)}; give a queue: sqsQueue('orders').`)
  const of = `enqueue(${JSON.stringify(queue.name)})`
  assertOptions(of, options, known)
  assertType(`${of}: group`, options.group, 'function', 'a function: (input) => input.customer')
  assertType(`${of}: deduplicationId`, options.deduplicationId, 'function', 'a function: (input) => input.id')
  if (options.deduplicationId !== undefined && !queue.rules.fifo)
    throw new Error(`${of}: deduplicationId is for queues in order, whose names end with ".fifo".`)
  assertNumber(`${of}: timeout`, options.timeout, 'milliseconds above 0')
  const { name = 'enqueue', retries = 0, timeout = 5_000 } = options
  const put: (input: T) => Promise<unknown> =
    queue.kind === 'sqs-queue' ? toSqs(of, queue, name, options) : (input: T) => queue.send(input)
  const send = async (input: T): Promise<unknown> => {
    const answer = await put(input)
    const { host } = running()
    liveQueue(host as World, queue).expectConsumer() // the only Host that lends contexts is a World
    return answer
  }
  return { ...op(name, messages, send, { retries, timeout }), ...(queue.rules.fifo ? {} : { atLeastOnce: true }) }
}

function toSqs<T>(
  of: string,
  queue: SqsQueue,
  name: string,
  options: EnqueueOptions<T>,
): (input: T) => Promise<Response> {
  const ownId = (): string | undefined => (queue.contentDeduplication ? undefined : `${name}-${running().invocation}`)
  return (input) => {
    if (!isServed(queue))
      throw new SetupError(`${of}: nobody serves this queue. Put sqs(...) with it into the system's \`outside\`.`)
    return fetch(new URL('/', queue.url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: JSON.stringify({ QueueUrl: queue.url, ...messageOf(input, queue.rules.fifo, options, ownId) }),
    })
  }
}

function messageOf<T>(
  input: T,
  fifo: boolean,
  { group, deduplicationId }: EnqueueOptions<T>,
  ownId: () => string | undefined,
): object {
  const MessageBody = typeof input === 'string' ? input : JSON.stringify(input)
  if (!fifo) return { MessageBody, ...(group === undefined ? {} : { MessageGroupId: group(input) }) }
  return {
    MessageBody,
    MessageGroupId: group?.(input) ?? 'all',
    MessageDeduplicationId: deduplicationId?.(input) ?? ownId(),
  }
}
