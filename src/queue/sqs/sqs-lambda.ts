// AWS Lambda functions behind an SQS queue: an event source mapping polls the queue, calls the function with batches,
// and deletes what it accepted. Each incarnation is a container, which works on one batch at a time.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
import { createHash } from 'node:crypto'
import { assertNumber, assertOptions, assertType, foundWords, isRecord } from '../../plain/options.ts'
import { durationWords } from '../../plain/time.ts'
import { epochMs } from '../../simulate/clock.ts'
import type { World } from '../../simulate/world.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { NodeDefinition } from '../../system/system.ts'
import { answerFrom, contextOf, inTime, requestId, type AnyLambda } from '../../transport/lambda/invocation.ts'
import type { LambdaHandler } from '../../transport/lambda/lambda-node.ts'
import type { PortReply, PortRequest } from '../../transport/port-protocol.ts'
import { running } from '../../transport/provide.ts'
import { failedItems, type Items } from '../core/batch.ts'
import { liveQueue } from '../core/brokers.ts'
import type { QueuedMessage } from '../core/message-queue.ts'
import { push } from '../core/push.ts'
import { tellThrown } from '../core/thrown.ts'
import { sqsRecordFields } from './sqs-record.ts'
import type { SqsQueue } from './sqs-queue.ts'

/** How a queue calls a function. */
export interface SqsLambdaOptions {
  /** The most messages of one batch. A whole number from 1, at most 10 without a window. @default 10 */
  readonly batchSize?: number
  /** How long a batch waits for more messages, in milliseconds of virtual time. @default 0 */
  readonly batchWindowMs?: number
  /**
   * Whether the function says which messages it did not accept, as `{ batchItemFailures: [{ itemIdentifier }] }`
   * (ReportBatchItemFailures).
   *
   * @default false: where it throws, all of them come again
   */
  readonly reportBatchItemFailures?: boolean
  /**
   * The function's timeout, in milliseconds of virtual time: then its container is killed, and the batch comes again.
   * No longer than the queue's visibility timeout.
   *
   * @default 3,000, as AWS has it
   */
  readonly timeout?: number
  /** How many containers there are. A whole number from 1. @default 2 */
  readonly instances?: number
}

const known: Record<keyof SqsLambdaOptions, true> = {
  batchSize: true,
  batchWindowMs: true,
  reportBatchItemFailures: true,
  timeout: true,
  instances: true,
}

/** AWS' own default. */
const usualTimeoutMs = 3_000
/** How long after its timeout a function is given up. */
const graceMs = 1_000
const mostWithoutWindow = 10

/**
 * A node that is an AWS Lambda function behind an SQS queue. `boot` gives the handler, and is called for every
 * container: what it creates is lost when the container dies. The handler gets batches, `{ Records: [...] }`, each
 * message at least once. What it accepted is deleted. What it did not accept, because it threw, took too long, died, or
 * reported it, is received again when the queue's visibility timeout is over. Once it has answered, its container is
 * frozen until the next batch.
 *
 * @throws if an option is unknown or has a wrong value, or the function may take longer than messages are hidden
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 * @example
 * const system = {
 *   nodes: { worker: sqsLambda(orders, () => handler, { reportBatchItemFailures: true }) },
 *   outside: [sqs(orders)],
 *   operations: [enqueue(orders, order)],
 * }
 */
export function sqsLambda(
  queue: SqsQueue,
  boot: () => LambdaHandler | PromiseLike<LambdaHandler>,
  options: SqsLambdaOptions = {},
): NodeDefinition {
  assertLambda(queue, boot, options)
  const { instances = 2 } = options
  const subscribe = (handler: unknown): AnyLambda => {
    if (typeof handler !== 'function')
      throw new SetupError(
        'sqsLambda(): its factory gave no function. Return the handler itself: sqsLambda(orders, () => handler).',
      )
    subscribeTo(queue, options)
    return handler as AnyLambda // whatever it takes, it is called as AWS does
  }
  return {
    kind: 'node',
    instances,
    capacity: { concurrent: 1 },
    boot: () => {
      const made: unknown = boot()
      return made instanceof Promise ? made.then(subscribe) : subscribe(made)
    },
    handle: (_, { method, url }) =>
      Promise.reject(
        new SetupError(
          `${method} ${url} went to a function behind the queue "${queue.name}", which takes no requests. Send a ` +
            'message to the queue, or let lambda(() => handler) answer.',
        ),
      ),
  }
}

function subscribeTo(queue: SqsQueue, options: SqsLambdaOptions): void {
  const { host, life } = running()
  const world = host as World // the only Host that lends contexts is a World
  const { timeout = usualTimeoutMs, batchSize = mostWithoutWindow, batchWindowMs = 0, instances = 2 } = options
  const live = liveQueue(world, queue)
  push(world, live, {
    node: life.node,
    most: batchSize,
    windowMs: batchWindowMs,
    concurrent: instances,
    patienceMs: timeout + graceMs,
    batchOf: (messages) => ({ Records: messages.map((message) => recordOf(message, queue)) }),
    server: { handle: (handler, request) => invoke(handler as AnyLambda, request, timeout, queue.name) },
    settle(messages, reply) {
      const ids = messages.map(({ id }) => id)
      const failed = failedIn(ids, reply, options)
      const hint = isUnheard(reply, options) ? unheard : undefined
      for (const message of messages)
        if (failed === undefined || !isIn(failed, message)) live.delete(message, hint)
        else live.refused(message)
    },
  })
}

/** What comes again; undefined where all is done. */
function failedIn(
  ids: readonly string[],
  reply: PortReply | 'unreached' | undefined,
  { reportBatchItemFailures = false }: SqsLambdaOptions,
): Items | undefined {
  if (reply === undefined || reply === 'unreached' || reply.kind !== 'value') return 'all'
  return reportBatchItemFailures ? failedItems(ids, reply.value) : undefined
}

/** The function reports what it did not accept, and nobody listens. */
function isUnheard(reply: PortReply | 'unreached' | undefined, { reportBatchItemFailures }: SqsLambdaOptions): boolean {
  if (reportBatchItemFailures === true || typeof reply !== 'object' || reply.kind !== 'value') return false
  const { value } = reply
  const failures = isRecord(value) ? value['batchItemFailures'] : undefined
  return Array.isArray(failures) && failures.length > 0
}

const unheard =
  'the function reported batchItemFailures, and AWS deleted the whole batch: switch reportBatchItemFailures on, here ' +
  'and in the event source mapping'

function isIn(failed: Items, { id }: QueuedMessage): boolean {
  return failed === 'all' || failed.includes(id)
}

/** One batch at a container. */
function invoke(
  handler: AnyLambda,
  { args: [event] }: PortRequest,
  timeoutMs: number,
  name: string,
): Promise<PortReply> {
  const context = running()
  const nowMs = epochMs + context.host.nowMs
  const copy = JSON.parse(JSON.stringify(event)) as object // what is pushed is a batch
  const answer = answerFrom(handler, copy, contextOf(context, requestId(context), nowMs + timeoutMs))
  const failed = (): PortReply => ({ kind: 'status', status: 500, retryAfterMs: undefined })
  const made = answer.then(
    (value): PortReply => ({ kind: 'value', value: JSON.parse(JSON.stringify(value) ?? 'null') }),
    (error: unknown): PortReply => {
      tellThrown(context, error, 'the function', `its batch of "${name}" comes again: mend it, or accept the others`)
      return failed()
    },
  )
  const late = (): PortReply => {
    const world = context.host as World // the only Host that lends contexts is a World
    const time = durationWords(timeoutMs)
    world.printed(
      context,
      `its batch of "${name}" comes again`,
      `the function took longer than its timeout of ${time}, so that its batch of "${name}" comes again: let it end ` +
        'on every path, or give it more time',
    )
    return failed()
  }
  return inTime(context, made, timeoutMs, late, undefined)
}

function recordOf(message: QueuedMessage, { arn, region }: SqsQueue): object {
  const { system, own } = sqsRecordFields(message)
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: system,
    messageAttributes: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, lowerCased(value)])),
    md5OfBody: createHash('md5').update(message.body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: region,
  }
}

/** Lambda writes the fields of an attribute with small letters, and always gives the lists. */
function lowerCased(attribute: unknown): object {
  const { StringValue, BinaryValue, DataType } = isRecord(attribute) ? attribute : {}
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  }
}

function assertLambda(queue: unknown, boot: unknown, options: SqsLambdaOptions): void {
  if (!isRecord(queue) || queue['kind'] !== 'sqs-queue')
    throw new Error(`sqsLambda(): its first argument is ${foundWords(queue)}; give a queue: sqsQueue('orders').`)
  const of = `sqsLambda(${JSON.stringify(queue['name'])})`
  if (typeof boot !== 'function')
    throw new Error(`${of}: its second argument is ${foundWords(boot)}; give a factory of the handler: () => handler.`)
  assertOptions(of, options, known)
  assertNumber(`${of}: batchSize`, options.batchSize, 'a whole number from 1')
  assertNumber(`${of}: batchWindowMs`, options.batchWindowMs, 'milliseconds from 0')
  assertNumber(`${of}: timeout`, options.timeout, 'milliseconds above 0')
  assertNumber(`${of}: instances`, options.instances, 'a whole number from 1')
  assertType(`${of}: reportBatchItemFailures`, options.reportBatchItemFailures, 'boolean', 'true or false')
  const { timeout = usualTimeoutMs, batchSize = mostWithoutWindow, batchWindowMs = 0 } = options
  const { rules } = queue as unknown as SqsQueue // just checked
  if (batchSize > mostWithoutWindow && (rules.fifo || batchWindowMs < 1_000))
    throw new Error(
      `${of}: batchSize is ${batchSize}; AWS allows more than ${mostWithoutWindow} where batchWindowMs is at least ` +
        '1_000 and the queue is not in order.',
    )
  if (timeout > rules.visibilityMs)
    throw new Error(
      `${of}: the function's timeout (${timeout} ms) is longer than the queue's visibility timeout ` +
        `(${rules.visibilityMs} ms), which AWS refuses. Give sqsQueue a longer visibilityTimeoutMs.`,
    )
}
