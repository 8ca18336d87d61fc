// A queue of Cloudflare Queues as the user declares it, and the binding through which Workers send to it. Its broker is
// called over a link, as any port is. https://developers.cloudflare.com/queues/configuration/javascript-apis/
import { assertNumber, assertOptions, foundWords, isRecord } from '../../plain/options.ts'
import { encodeValue } from '../../plain/value.ts'
import type { World } from '../../simulate/world.ts'
import { port } from '../../transport/port.ts'
import { running } from '../../transport/provide.ts'
import { assertMost } from '../core/assert-most.ts'
import { liveQueue } from '../core/brokers.ts'
import type { QueueDefinition } from '../core/live-queue.ts'
import { messageId } from '../core/message-id.ts'

/** How a queue is set up: what stands in wrangler's configuration of its consumer. */
export interface CloudflareQueueOptions {
  /** The most messages of one batch (`max_batch_size`). A whole number from 1. @default 10 */
  readonly batchSize?: number
  /** How long a batch waits until it is full, in milliseconds of virtual time (`max_batch_timeout`). @default 5_000 */
  readonly batchTimeoutMs?: number
  /** How often a message is tried again (`max_retries`). A whole number from 0. @default 3 */
  readonly maxRetries?: number
  /** How long a message waits before it is tried again, in milliseconds of virtual time (`retry_delay`). @default 0 */
  readonly retryDelayMs?: number
  /** How long a new message waits, in milliseconds of virtual time (`delivery_delay`). @default 0 */
  readonly delayMs?: number
  /** Where a message goes that was tried too often. @default it is deleted */
  readonly deadLetters?: CloudflareQueue
}

/** How one message is sent. */
export interface CloudflareSendOptions {
  /** How long it waits, in seconds. */
  readonly delaySeconds?: number
  /** How the body crosses: as JSON, where a Date becomes a text and a Map `{}`, or as it is. @default 'json' */
  readonly contentType?: 'json' | 'v8' | 'text' | 'bytes'
}

/** A queue, and its binding: give it to your Worker as `env.ORDERS`. */
export interface CloudflareQueue<T = unknown> extends QueueDefinition {
  readonly kind: 'cloudflare-queue'
  readonly batchSize: number
  readonly batchTimeoutMs: number
  readonly retryDelayMs: number
  send(body: T, options?: CloudflareSendOptions): Promise<void>
  sendBatch(
    messages: Iterable<{ readonly body: T } & CloudflareSendOptions>,
    options?: Pick<CloudflareSendOptions, 'delaySeconds'>,
  ): Promise<void>
}

const known: Record<keyof CloudflareQueueOptions, true> = {
  batchSize: true,
  batchTimeoutMs: true,
  maxRetries: true,
  retryDelayMs: true,
  delayMs: true,
  deadLetters: true,
}

/** https://developers.cloudflare.com/queues/platform/limits/ */
const [mostOfBatch, mostBytes, longestDelayMs] = [100, 128_000, 86_400_000] as const
const mostOf = {
  batchSize: mostOfBatch,
  maxRetries: 100,
  batchTimeoutMs: 60_000,
  retryDelayMs: longestDelayMs,
  delayMs: longestDelayMs,
} as const

/**
 * A queue of Cloudflare Queues. It delivers batches at least once, in no order, to the `queue(batch, env, ctx)` of a
 * `cloudflareWorker` that consumes it. The value itself is the binding: its `send` and `sendBatch` are calls over the
 * network, whose answers can be lost.
 *
 * The queue itself never fails, and is empty before every history.
 *
 * @param name one word, like a host name: its column in stories
 * @throws if the name is none, or an option is unknown or has a wrong value
 * @see https://developers.cloudflare.com/queues/configuration/batching-retries/
 * @example
 * const orders = cloudflareQueue<Order>('orders', { maxRetries: 5, deadLetters: cloudflareQueue('orders-dead') })
 * const system = {
 *   nodes: { shop: cloudflareWorker(() => shop, { env: { ORDERS: orders }, consumes: [orders] }) },
 *   operations: [enqueue(orders, order)],
 * }
 */
export function cloudflareQueue<T = unknown>(name: string, options: CloudflareQueueOptions = {}): CloudflareQueue<T> {
  const of = `cloudflareQueue(${JSON.stringify(name)})`
  assertQueue(of, name, options)
  const { batchSize = 10, batchTimeoutMs = 5_000, maxRetries = 3, retryDelayMs = 0, delayMs = 0, deadLetters } = options
  const binding = port(name, {
    async send(body: unknown, given: CloudflareSendOptions = {}): Promise<void> {
      keep(queue, [{ ...given, body }])
    },
    async sendBatch(
      messages: readonly ({ readonly body: unknown } & CloudflareSendOptions)[],
      { delaySeconds }: Pick<CloudflareSendOptions, 'delaySeconds'> = {},
    ): Promise<void> {
      if (messages.length > mostOfBatch)
        throw new Error(`Queue sendBatch failed: a batch has at most ${mostOfBatch} messages, not ${messages.length}`)
      keep(queue, delaySeconds === undefined ? messages : messages.map((one) => ({ delaySeconds, ...one })))
    },
  })
  const queue: CloudflareQueue<T> = {
    kind: 'cloudflare-queue',
    name,
    batchSize,
    batchTimeoutMs,
    retryDelayMs,
    // A batch is out until its invocation is over
    rules: { visibilityMs: Infinity, delayMs, maxReceives: maxRetries + 1, fifo: false },
    ...(deadLetters === undefined ? {} : { deadLetters }),
    send: (body, given) => binding.send(body, given),
    sendBatch: (messages, given) => binding.sendBatch([...messages], given),
  }
  return queue
}

/** At the broker: messages come in one call, all or none of them. @throws what Cloudflare refuses */
function keep(queue: QueueDefinition, messages: readonly ({ readonly body: unknown } & CloudflareSendOptions)[]): void {
  const context = running()
  const live = liveQueue(context.host as World, queue) // the only Host that lends contexts is a World
  const kept = messages.map(({ body, delaySeconds = 0, contentType = 'json' }) => {
    const text = textOf(body, contentType)
    const bytes = Buffer.byteLength(text)
    if (bytes > mostBytes)
      throw new Error(`Queue send failed: message length of ${bytes} bytes exceeds limit of ${mostBytes}`)
    if (!(delaySeconds >= 0 && 1_000 * delaySeconds <= longestDelayMs))
      throw new Error(`Queue send failed: delaySeconds is ${delaySeconds}, and is from 0 to ${longestDelayMs / 1_000}`)
    return text
  })
  for (const [index, { delaySeconds }] of messages.entries())
    live.send(context, {
      id: messageId(context, index),
      body: kept[index] ?? '',
      ...(delaySeconds === undefined ? {} : { delayMs: 1_000 * delaySeconds }),
    })
}

/** A body as it is kept. @throws where it cannot be */
function textOf(body: unknown, contentType: NonNullable<CloudflareSendOptions['contentType']>): string {
  if (contentType !== 'json') return JSON.stringify(encodeValue(body))
  const text: string | undefined = JSON.stringify(body)
  if (text === undefined) throw new TypeError(`Queue send failed: ${foundWords(body)} is no JSON`)
  return JSON.stringify(encodeValue(JSON.parse(text)))
}

function assertQueue(of: string, name: unknown, options: CloudflareQueueOptions): void {
  if (typeof name !== 'string' || !/^[\w-]+$/.test(name))
    throw new Error(`${of}: it is no name of a queue. Give letters, digits and dashes.`)
  assertOptions(of, options, known)
  assertNumber(`${of}: batchSize`, options.batchSize, 'a whole number from 1')
  assertNumber(`${of}: batchTimeoutMs`, options.batchTimeoutMs, 'milliseconds from 0')
  assertNumber(`${of}: maxRetries`, options.maxRetries, 'a whole number from 0')
  assertNumber(`${of}: retryDelayMs`, options.retryDelayMs, 'milliseconds from 0')
  assertNumber(`${of}: delayMs`, options.delayMs, 'milliseconds from 0')
  for (const [option, most] of Object.entries(mostOf))
    assertMost(`${of}: ${option}`, options[option as keyof typeof mostOf], most, 'Cloudflare')
  const deadLetters: unknown = options.deadLetters
  if (deadLetters !== undefined && (!isRecord(deadLetters) || deadLetters['kind'] !== 'cloudflare-queue'))
    throw new Error(`${of}: deadLetters is ${foundWords(deadLetters)}; give a queue: cloudflareQueue('orders-dead').`)
}
