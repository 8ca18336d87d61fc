// An Amazon SQS queue as the user declares it: its name, its promises, and where an SDK finds it. Knows no protocol.
import { assertMost } from '../core/assert-most.ts'
import { assertNumber, assertOptions, assertType, foundWords, isRecord } from '../../plain/options.ts'
import type { QueueDefinition } from '../core/live-queue.ts'

/** How an SQS queue is set up. */
export interface SqsQueueOptions {
  /**
   * How long a message that was received is not given to anybody else, in milliseconds of virtual time.
   *
   * @default 30_000
   */
  readonly visibilityTimeoutMs?: number
  /** How long a new message waits before anybody gets it, in milliseconds of virtual time. @default 0 */
  readonly delayMs?: number
  /** How long a ReceiveMessage without a wait of its own waits, in milliseconds of virtual time. @default 0 */
  readonly waitMs?: number
  /**
   * How often a message is received at most, before it goes to `deadLetters`. A whole number from 1.
   *
   * @default there is no limit
   */
  readonly maxReceives?: number
  /** The queue for messages that were received too often: one of the same kind. @default none */
  readonly deadLetters?: SqsQueue
  /**
   * Whether a queue in order takes messages with the same body for one message, where they bring no deduplication id.
   *
   * @default false
   */
  readonly contentDeduplication?: boolean
  /** The region in which it is. @default 'us-east-1' */
  readonly region?: string
  /** Where it answers, if the code under test calls another endpoint. @default `https://sqs.<region>.amazonaws.com` */
  readonly endpoint?: string
}

/** An SQS queue. */
export interface SqsQueue extends QueueDefinition {
  readonly kind: 'sqs-queue'
  /** Its QueueUrl. */
  readonly url: string
  /** Its name among all of AWS. */
  readonly arn: string
  readonly waitMs: number
  readonly contentDeduplication: boolean
  readonly region: string
  readonly deadLetters?: SqsQueue
}

/** AWS' own account in all of its examples. */
const accountId = '123456789012'

const known: Record<keyof SqsQueueOptions, true> = {
  visibilityTimeoutMs: true,
  delayMs: true,
  waitMs: true,
  maxReceives: true,
  deadLetters: true,
  contentDeduplication: true,
  region: true,
  endpoint: true,
}

/**
 * An Amazon SQS queue. It delivers at least once: what is not deleted in time is received again. A name that ends with
 * `.fifo` makes it a queue in order, with groups and deduplication. Whoever calls it does so over the network, with the
 * AWS SDK or `sqs-consumer` unchanged; put `sqs(queue)` into the system's `outside`.
 *
 * The queue itself never fails, and is empty before every history. What the network does to the calls is what happens
 * in reality: a message that comes again because its handler was too slow or too long away, or its DeleteMessage was
 * lost; a message that is sent twice because the answer of SendMessage was lost.
 *
 * @param name as in AWS: letters, digits, dashes and underscores
 * @throws if the name is none of SQS, or an option is unknown or has a wrong value
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 * @example
 * const dead = sqsQueue('orders-dead')
 * const orders = sqsQueue('orders', { visibilityTimeoutMs: 60_000, maxReceives: 3, deadLetters: dead })
 * const system = {
 *   nodes: { worker: serve(() => { Consumer.create({ queueUrl: orders.url, handleMessage, sqs: client }).start() }) },
 *   outside: [sqs(orders, dead)],
 *   operations: [enqueue(orders, order)],
 * }
 */
export function sqsQueue(name: string, options: SqsQueueOptions = {}): SqsQueue {
  const of = `sqsQueue(${JSON.stringify(name)})`
  assertQueue(of, name, options)
  const { visibilityTimeoutMs = 30_000, delayMs = 0, waitMs = 0, maxReceives, deadLetters } = options
  const { contentDeduplication = false, region = 'us-east-1' } = options
  const endpoint = new URL(options.endpoint ?? `https://sqs.${region}.amazonaws.com`).origin
  return {
    kind: 'sqs-queue',
    name,
    url: `${endpoint}/${accountId}/${name}`,
    arn: `arn:aws:sqs:${region}:${accountId}:${name}`,
    region,
    waitMs,
    contentDeduplication,
    rules: { visibilityMs: visibilityTimeoutMs, delayMs, maxReceives, fifo: isFifo(name) },
    ...(deadLetters === undefined ? {} : { deadLetters }),
  }
}

/** Whether a name is that of a queue in order. */
function isFifo(name: string): boolean {
  return name.endsWith('.fifo')
}

function assertQueue(of: string, name: unknown, options: SqsQueueOptions): void {
  if (typeof name !== 'string' || !/^[\w-]{1,80}$/.test(name.replace(/\.fifo$/, '')))
    throw new Error(
      `${of}: SQS has no such name. Give letters, digits, dashes and underscores, and ".fifo" at the end of a queue ` +
        'in order.',
    )
  assertOptions(of, options, known)
  assertNumber(`${of}: visibilityTimeoutMs`, options.visibilityTimeoutMs, 'milliseconds from 0')
  assertNumber(`${of}: delayMs`, options.delayMs, 'milliseconds from 0')
  assertNumber(`${of}: waitMs`, options.waitMs, 'milliseconds from 0')
  assertNumber(`${of}: maxReceives`, options.maxReceives, 'a whole number from 1')
  assertType(`${of}: contentDeduplication`, options.contentDeduplication, 'boolean', 'true or false')
  assertType(`${of}: region`, options.region, 'string', "a region, as in 'eu-central-1'")
  assertType(`${of}: endpoint`, options.endpoint, 'string', "an origin, as in 'http://localhost:4566'")
  assertMost(`${of}: visibilityTimeoutMs`, options.visibilityTimeoutMs, 43_200_000, 'AWS')
  assertMost(`${of}: delayMs`, options.delayMs, 900_000, 'AWS')
  assertMost(`${of}: waitMs`, options.waitMs, 20_000, 'AWS')
  const { endpoint, maxReceives, contentDeduplication } = options
  const deadLetters: unknown = options.deadLetters
  if (endpoint !== undefined && !/^https?:\/\/[^/]+\/?$/.test(endpoint))
    throw new Error(`${of}: endpoint is ${foundWords(endpoint)}; give an origin, as in 'http://localhost:4566'.`)
  if (deadLetters !== undefined && (!isRecord(deadLetters) || deadLetters['kind'] !== 'sqs-queue'))
    throw new Error(`${of}: deadLetters is ${foundWords(deadLetters)}; give a queue: sqsQueue('orders-dead').`)
  if ((maxReceives === undefined) !== (deadLetters === undefined))
    throw new Error(
      `${of}: maxReceives and deadLetters belong together: after so many receptions a message goes there. Give both, ` +
        'or none.',
    )
  if (isRecord(deadLetters) && isFifo(String(deadLetters['name'])) !== isFifo(name))
    throw new Error(`${of}: the dead letters of a queue in order (".fifo") are in order too, and only theirs are.`)
  if (contentDeduplication === true && !isFifo(name))
    throw new Error(`${of}: contentDeduplication is for queues in order; let the name end with ".fifo".`)
}
