// Systems around queues of Amazon SQS: a consumer of sqs-consumer, one of the bare SDK, and Lambda functions; each in a
// broken and a sound form.
import {
  atMostOnce,
  exactlyOnce,
  journal,
  map,
  queueDelivery,
  rows,
  serve,
  type Invariant,
  type Operation,
  type System,
} from 'two-generals'
import { SQSClient } from '@aws-sdk/client-sqs'
import * as fc from 'fast-check'
import { Consumer } from 'sqs-consumer'
import { enqueue, sqs, sqsLambda, sqsQueue, worker, type SqsQueue } from 'two-generals/queues'

export interface Order {
  readonly id: string
  readonly account: string
  readonly cents: number
}

/** Amounts that nobody can charge among them: poison. */
const order: fc.Arbitrary<Order> = fc.record({
  id: fc.uuid(),
  account: fc.constantFrom('a', 'b'),
  cents: fc.integer({ min: 0, max: 4 }),
})
const payable: fc.Arbitrary<Order> = fc.record({
  id: fc.uuid(),
  account: fc.constantFrom('a', 'b'),
  cents: fc.integer({ min: 1, max: 4 }),
})

/** What was charged, by order, and how often. */
export const ledger: Map<string, number> = new Map()
const charges = rows('charge', () => [...ledger].flatMap(([id, n]) => Array.from({ length: n }, () => ({ id }))))
const rejected = journal<Order>('rejected')

const charge = (id: string): void => {
  ledger.set(id, (ledger.get(id) ?? 0) + 1)
}

export const aClient = (): SQSClient =>
  new SQSClient({ region: 'us-east-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } })

const parsed = (body: string | undefined): Order => JSON.parse(body ?? '') as Order

type Handle = (order: Order) => Promise<void>

/** A bank between the question whether an order was charged, and the charge. */
const slowly: Handle = async ({ id }) => {
  await fetch('http://bank/', { method: 'POST', signal: AbortSignal.timeout(10_000) })
  charge(id)
}

/** Charges whatever comes. */
export const naive: Handle = slowly

/** Charges what it has not charged. */
export const careful: Handle = async (one) => {
  if (ledger.has(one.id)) return
  await fetch('http://bank/', { method: 'POST', signal: AbortSignal.timeout(10_000) })
  if (!ledger.has(one.id)) charge(one.id)
}

const bank = serve(() => () => new Response())

const once = (placed: Operation<Order>): Invariant =>
  exactlyOnce(
    placed.by(({ id }) => id),
    charges.by(({ id }) => id),
  )

/** A consumer of sqs-consumer, unchanged. */
export function consuming(handle: Handle): System {
  const queue = sqsQueue('orders')
  const placed = enqueue(queue, payable)
  return {
    nodes: {
      bank,
      worker: worker(() => {
        const consumer = Consumer.create({
          queueUrl: queue.url,
          sqs: aClient(),
          handleMessage: async (message) => {
            await handle(parsed(message.Body))
            return message
          },
        })
        consumer.on('error', () => undefined)
        consumer.on('processing_error', () => undefined)
        consumer.start()
      }),
    },
    stores: [map(ledger, { name: 'ledger' })],
    outside: [sqs(queue)],
    operations: [placed],
    invariants: [once(placed)],
  }
}

/** A consumer that polls by itself, with the protocol alone. It reads no clock. */
export function polling(handle: Handle): System {
  const queue = sqsQueue('orders', { visibilityTimeoutMs: 15_000, maxReceives: 4, deadLetters: sqsQueue('dead') })
  const placed = enqueue(queue, payable)
  const ask = async (action: string, input: object): Promise<{ readonly Messages?: readonly Received[] }> => {
    const answer = await fetch(new URL('/', queue.url), {
      method: 'POST',
      headers: { 'x-amz-target': `AmazonSQS.${action}` },
      body: JSON.stringify({ QueueUrl: queue.url, ...input }),
      signal: AbortSignal.timeout(30_000),
    })
    return (await answer.json()) as { readonly Messages?: readonly Received[] }
  }
  const loop = async (): Promise<never> => {
    for (;;) {
      try {
        const { Messages = [] } = await ask('ReceiveMessage', { WaitTimeSeconds: 20, MaxNumberOfMessages: 10 })
        for (const { Body, ReceiptHandle } of Messages) {
          await handle(parsed(Body))
          await ask('DeleteMessage', { ReceiptHandle })
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 1_000))
      }
    }
  }
  return {
    nodes: { bank, worker: worker(() => void loop(), { instances: 2 }) },
    stores: [map(ledger, { name: 'ledger' })],
    outside: [sqs(queue)],
    operations: [placed],
    invariants: [atMostOnce(charges.by(({ id }) => id))],
  }
}

interface Received {
  readonly Body: string
  readonly ReceiptHandle: string
}

interface Batch {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[]
}
interface Failures {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/** A function that takes batches. */
export type Batched = (batch: Batch) => Promise<Failures | undefined>

/** One record that nobody can charge lets all of its batch come again. */
export const throwsForOne: Batched = async ({ Records }) => {
  for (const { body } of Records) {
    const one = parsed(body)
    if (one.cents === 0) throw new Error('nothing to charge')
    charge(one.id)
  }
  return undefined
}

/** What cannot be charged comes again alone; what was charged is known. */
export const reportsOne: Batched = async ({ Records }) => {
  const batchItemFailures: { itemIdentifier: string }[] = []
  for (const { messageId, body } of Records) {
    const one = parsed(body)
    if (one.cents === 0) batchItemFailures.push({ itemIdentifier: messageId })
    else if (!ledger.has(one.id)) charge(one.id)
  }
  return { batchItemFailures }
}

/** A function behind a queue with dead letters. */
export function invoked(handler: Batched): System {
  const queue = sqsQueue('orders', { maxReceives: 3, deadLetters: sqsQueue('dead') })
  const placed = enqueue(queue, order)
  return {
    nodes: { charger: sqsLambda(queue, () => (batch: Batch) => handler(batch), { reportBatchItemFailures: true }) },
    stores: [map(ledger, { name: 'ledger' })],
    outside: [sqs(queue)],
    operations: [placed],
    invariants: [atMostOnce(charges.by(({ id }) => id))],
  }
}

/** Throws for ever. */
export const blocks: Batched = async ({ Records }) => {
  for (const { body } of Records) {
    const one = parsed(body)
    if (one.cents === 0) throw new Error('nothing to charge')
    if (!ledger.has(one.id)) charge(one.id)
  }
  return undefined
}

/** Writes down what cannot be charged, and goes on. */
export const setsAside: Batched = async ({ Records }) => {
  for (const { body } of Records) {
    const one = parsed(body)
    if (one.cents === 0) rejected.add(one)
    else if (!ledger.has(one.id)) charge(one.id)
  }
  return undefined
}

/** One group for each account, in order: what cannot be handled blocks what comes after it. */
export function inOrder(handler: Batched, queue: SqsQueue = sqsQueue('orders.fifo')): System {
  const placed = enqueue(queue, order, { group: ({ account }) => account, deduplicationId: ({ id }) => id })
  const payableId = ({ id, cents }: Order): string => (cents === 0 ? 'poison' : id)
  const handled = rows('charge', () => [...[...ledger.keys()].map((id) => ({ id })), { id: 'poison' }])
  return {
    nodes: { charger: sqsLambda(queue, () => (batch: Batch) => handler(batch)) },
    stores: [map(ledger, { name: 'ledger' })],
    outside: [sqs(queue)],
    operations: [placed],
    invariants: [
      queueDelivery(
        placed.by(payableId),
        handled.by(({ id }) => id),
        { duplicates: Infinity },
      ),
    ],
  }
}
