// The actions of Amazon SQS over the core: what each one asks for, and what it answers. Must not know how requests
// come.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
import { createHash } from 'node:crypto'
import { isRecord } from '../../plain/options.ts'
import type { Context } from '../../simulate/context.ts'
import type { World } from '../../simulate/world.ts'
import { liveQueue } from '../core/brokers.ts'
import type { LiveQueue } from '../core/live-queue.ts'
import type { NewMessage, QueuedMessage } from '../core/message-queue.ts'
import { messageId } from '../core/message-id.ts'
import { invalid, missing, olderName, SqsError } from './sqs-errors.ts'
import { sqsRecordFields, type SqsAttributes } from './sqs-record.ts'
import type { SqsQueue } from './sqs-queue.ts'

/** The parameters of an action. */
export type SqsInput = Readonly<Record<string, unknown>>

/** An action that was asked for. */
export interface SqsAsked {
  readonly world: World
  /** The call, at the broker. */
  readonly context: Context
  readonly queue: SqsQueue
  readonly input: SqsInput
  /** Who asked has left. */
  readonly gone: AbortSignal
}

type Action = (asked: SqsAsked) => object | Promise<object>

/** What SQS does about one queue, by the names of its actions. */
export const sqsActions: Readonly<Record<string, Action>> = {
  SendMessage: (asked) => send(asked, asked.input, 0),
  SendMessageBatch: (asked) => inBatch(asked, (entry, index) => send(asked, entry, index)),
  ReceiveMessage: receive,
  DeleteMessage: (asked) => remove(asked, asked.input),
  DeleteMessageBatch: (asked) => inBatch(asked, (entry) => remove(asked, entry)),
  ChangeMessageVisibility: (asked) => changeVisibility(asked, asked.input),
  ChangeMessageVisibilityBatch: (asked) => inBatch(asked, (entry) => changeVisibility(asked, entry)),
  GetQueueUrl: ({ queue }) => ({ QueueUrl: queue.url }),
  CreateQueue: ({ queue }) => ({ QueueUrl: queue.url }), // it is there already
  GetQueueAttributes: queueAttributes,
  PurgeQueue: (asked) => {
    liveOf(asked).purge()
    return {}
  },
}

/** The longest delay and wait, and how far a message may be hidden, in seconds. */
const [longestDelayS, longestWaitS, longestHiddenS] = [900, 20, 43_200] as const
const mostEntries = 10

function liveOf({ world, queue }: SqsAsked): LiveQueue {
  return liveQueue(world, queue)
}

/** A message has at most 1 MiB, of the characters that XML allows. */
const mostBytes = 1_048_576
const refused = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u

function send(asked: SqsAsked, input: SqsInput, index: number): object {
  const { context, queue } = asked
  const body = input['MessageBody']
  if (typeof body !== 'string' || body === '') throw missing('MessageBody')
  const bytes = Buffer.byteLength(body)
  if (bytes > mostBytes) throw invalid('MessageBody', `of ${bytes} bytes`, `Must be shorter than ${mostBytes} bytes.`)
  if (refused.test(body))
    throw new SqsError('InvalidMessageContents', 'The message contains characters outside the allowed set.')
  const delayS = secondsIn(input, 'DelaySeconds', longestDelayS)
  const attributes: SqsAttributes = isRecord(input['MessageAttributes']) ? input['MessageAttributes'] : {}
  const message: NewMessage = {
    id: messageId(context, index),
    body,
    attributes,
    ...(delayS === undefined ? {} : { delayMs: 1_000 * delayS }),
    ...inOrder(queue, input, body),
  }
  const kept = liveOf(asked).send(context, message)
  return {
    MessageId: kept.id,
    MD5OfMessageBody: md5(body),
    ...(queue.rules.fifo ? { SequenceNumber: sequenceNumber(kept) } : {}),
  }
}

function inOrder({ rules: { fifo }, contentDeduplication }: SqsQueue, input: SqsInput, body: string): object {
  const group = input['MessageGroupId']
  const given = input['MessageDeduplicationId']
  if (!fifo) {
    if (given !== undefined)
      throw invalid(
        'MessageDeduplicationId',
        given,
        'The request includes a parameter that is not valid for this queue type.',
      )
    return typeof group === 'string' ? { group } : {}
  }
  if (typeof group !== 'string' || group === '') throw missing('MessageGroupId')
  if (input['DelaySeconds'] !== undefined)
    throw invalid(
      'DelaySeconds',
      input['DelaySeconds'],
      'The request include parameter that is not valid for this queue type.',
    )
  const deduplicationId =
    typeof given === 'string'
      ? given
      : contentDeduplication
        ? createHash('sha256').update(body).digest('hex')
        : undefined
  if (deduplicationId === undefined)
    throw new SqsError(
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
  return { group, deduplicationId }
}

async function receive(asked: SqsAsked): Promise<object> {
  const { context, queue, input, gone } = asked
  const most = input['MaxNumberOfMessages'] ?? 1
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 1 || most > mostEntries)
    throw invalid('MaxNumberOfMessages', most, 'Must be between 1 and 10, if provided.')
  const waitS = secondsIn(input, 'WaitTimeSeconds', longestWaitS)
  const visibilityS = secondsIn(input, 'VisibilityTimeout', longestHiddenS)
  const found = await liveOf(asked).receive(context, {
    most,
    waitMs: waitS === undefined ? queue.waitMs : 1_000 * waitS,
    visibilityMs: visibilityS === undefined ? undefined : 1_000 * visibilityS,
    gone,
  })
  return found.length === 0 ? {} : { Messages: found.map((message) => received(message, input)) }
}

function received(message: QueuedMessage, input: SqsInput): object {
  const { system, own } = sqsRecordFields(message)
  const attributes = chosen(system, [
    ...namesIn(input, 'AttributeNames'),
    ...namesIn(input, 'MessageSystemAttributeNames'),
  ])
  const messageAttributes = chosen(own, namesIn(input, 'MessageAttributeNames'))
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(attributes === undefined ? {} : { Attributes: attributes }),
    ...(messageAttributes === undefined ? {} : { MessageAttributes: messageAttributes }),
  }
}

/** Those that were asked for by name, by `All`, or by the beginning of their names. */
function chosen<T>(
  all: Readonly<Record<string, T>>,
  names: readonly string[],
): Readonly<Record<string, T>> | undefined {
  const wanted = (name: string): boolean =>
    names.some(
      (one) =>
        one === 'All' || one === '.*' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -2))),
    )
  const entries = Object.entries(all).filter(([name]) => wanted(name))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function namesIn(input: SqsInput, parameter: string): readonly string[] {
  const names = input[parameter]
  return Array.isArray(names) ? names.map(String) : []
}

/**
 * An older receipt deletes nothing, and neither do those of a queue in order after their time; the request succeeds
 * where SQS says so.
 */
function remove(asked: SqsAsked, input: SqsInput): object {
  const live = liveOf(asked)
  const receipt = receiptIn(input)
  const message = live.queue.of(receipt)
  const state = live.queue.stateOf(receipt, asked.world.nowMs)
  if (message === undefined) throw unknownReceipt(receipt)
  if (asked.queue.rules.fifo && (state === 'expired' || state === 'replaced'))
    throw invalid('ReceiptHandle', receipt, 'The receipt handle has expired.')
  if (state === 'out' || state === 'expired') live.delete(message)
  return {}
}

function changeVisibility(asked: SqsAsked, input: SqsInput): object {
  const live = liveOf(asked)
  const receipt = receiptIn(input)
  const forS = secondsIn(input, 'VisibilityTimeout', longestHiddenS)
  if (forS === undefined) throw missing('VisibilityTimeout')
  const message = live.queue.of(receipt)
  if (message === undefined) throw unknownReceipt(receipt)
  const state = live.queue.stateOf(receipt, asked.world.nowMs)
  if (state === 'gone')
    throw invalid('ReceiptHandle', receipt, 'Message does not exist or is not available for visibility timeout change.')
  if (state !== 'out') throw new SqsError('MessageNotInflight', 'The specified message is not in flight.')
  live.hide(message, 1_000 * forS)
  return {}
}

function receiptIn(input: SqsInput): string {
  const receipt = input['ReceiptHandle']
  if (typeof receipt !== 'string') throw missing('ReceiptHandle')
  return receipt
}

function unknownReceipt(receipt: string): SqsError {
  return new SqsError('ReceiptHandleIsInvalid', `The input receipt handle "${receipt}" is not a valid receipt handle.`)
}

/** Each entry succeeds or fails by itself. */
function inBatch({ input }: SqsAsked, act: (entry: SqsInput, index: number) => object): object {
  const entries = Array.isArray(input['Entries']) ? input['Entries'].filter(isRecord) : []
  if (entries.length === 0)
    throw new SqsError('EmptyBatchRequest', 'There should be at least one entry in the request.')
  if (entries.length > mostEntries)
    throw new SqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`,
    )
  const ids = entries.map((entry) => String(entry['Id']))
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw new SqsError('BatchEntryIdsNotDistinct', `Id ${twice} repeated.`)
  const Successful: object[] = []
  const Failed: object[] = []
  for (const [index, entry] of entries.entries()) {
    const Id = ids[index]
    try {
      Successful.push({ Id, ...act(entry, index) })
    } catch (error) {
      if (!(error instanceof SqsError)) throw error
      Failed.push({ Id, SenderFault: true, Code: olderName(error.type), Message: error.message })
    }
  }
  return { Successful, Failed }
}

function queueAttributes(asked: SqsAsked): object {
  const { queue, world, input } = asked
  const { rules, deadLetters, arn } = queue
  const { messages } = liveOf(asked).queue
  const isOut = ({ visibleAtMs, received: times }: QueuedMessage): boolean => visibleAtMs > world.nowMs && times > 0
  const out = messages.filter(isOut).length
  const visible = messages.filter(({ visibleAtMs }) => visibleAtMs <= world.nowMs).length
  const all = {
    QueueArn: arn,
    ApproximateNumberOfMessages: visible,
    ApproximateNumberOfMessagesNotVisible: out,
    ApproximateNumberOfMessagesDelayed: messages.length - visible - out,
    VisibilityTimeout: rules.visibilityMs / 1_000,
    DelaySeconds: rules.delayMs / 1_000,
    ReceiveMessageWaitTimeSeconds: queue.waitMs / 1_000,
    ...(rules.fifo ? { FifoQueue: true, ContentBasedDeduplication: queue.contentDeduplication } : {}),
    ...(deadLetters === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: rules.maxReceives }),
        }),
  }
  const texts = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]))
  return { Attributes: chosen(texts, namesIn(input, 'AttributeNames')) ?? {} }
}

function secondsIn(input: SqsInput, parameter: string, longest: number): number | undefined {
  const seconds = input[parameter]
  if (seconds === undefined || seconds === null) return undefined
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 0 || seconds > longest)
    throw invalid(parameter, seconds, `Must be between 0 and ${longest}, if provided.`)
  return seconds
}

/** Twenty digits, as SQS gives them. */
function sequenceNumber({ sequence }: QueuedMessage): string {
  return String(sequence).padStart(20, '0')
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
