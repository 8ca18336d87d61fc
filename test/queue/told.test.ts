// What reports say of consumers: what they threw and at which line, also where no invariant objects; and the advice
// that fits a message, which is kept until it is acknowledged.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, exactlyOnce, formatAssessment, map, op, rows, type Operation, type System } from '../../src/index.ts'
import {
  cloudflareQueue,
  cloudflareWorker,
  enqueue,
  kafkaCluster,
  sqs,
  sqsLambda,
  sqsQueue,
  worker,
  type KafkaConsumer,
  type KafkaEachMessage,
} from '../../src/queues.ts'
import type { WorkerBatch } from './cloudflare-worlds.ts'

interface Order {
  readonly id: string
}
interface Records {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[]
}

const ledger = new Map<string, { readonly order: string }>()
const charged = rows('charge', () => [...ledger.values()])
const order = fc.record({ id: fc.uuid() })
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function charge({ id }: Order): void {
  ledger.set(id, { order: id })
}
function fail(): never {
  throw new TypeError('no ledger')
}

/** The report on a system that charges once for each order. */
async function reportOf(
  placed: Operation<Order>,
  parts: Pick<System, 'nodes' | 'outside' | 'tolerates'>,
): Promise<string> {
  const system: System = {
    ...parts,
    operations: [placed],
    invariants: [
      exactlyOnce(
        placed.by(({ id }) => id),
        charged.by((one) => one.order),
      ),
    ],
    stores: [map(ledger, { name: 'ledger' })],
  }
  const assessment = await assess(system, { seed: 1, numRuns: 0 })
  return formatAssessment(assessment, { test: 'charges' }).replaceAll(/\n {12}/g, ' ')
}

/** A function behind a queue, and what the report says of it. */
function ofLambda(handler: (event: Records) => unknown, tolerates: System['tolerates'] = []): Promise<string> {
  const orders = sqsQueue('orders')
  return reportOf(enqueue(orders, order), {
    nodes: { billing: sqsLambda(orders, () => handler) },
    outside: [sqs(orders)],
    tolerates,
  })
}

/** A consumer of a topic, and what the report says of it. */
function ofKafka(
  eachMessage: Parameters<KafkaConsumer['run']>[0]['eachMessage'] & object,
  tolerates: System['tolerates'] = [],
  instances = 1,
): Promise<string> {
  const kafka = kafkaCluster({ orders: 1 })
  const producer = kafka.producer({ idempotent: true })
  const placed = op('place', order, (one: Order) =>
    producer.send({ topic: 'orders', messages: [{ key: one.id, value: JSON.stringify(one) }] }),
  )
  const boot = async (): Promise<void> => {
    const consumer = kafka.consumer({ groupId: 'billing' })
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true })
    await consumer.run({ eachMessage })
  }
  const billing = worker(boot, { instances })
  return reportOf(placed, { nodes: { billing }, tolerates })
}

/** It charges as often as the message comes. */
async function chargesAgain({ message }: KafkaEachMessage): Promise<void> {
  await wait(100)
  const { id } = JSON.parse(String(message.value)) as Order
  ledger.set(`${id} ${ledger.size}`, { order: id })
}

const here = /"billing" threw TypeError: no ledger at test\/queue\/told\.test\.ts:\d+, so that /

test('a function that throws is told with its line, and not as an operation that answers too early', async () => {
  const told = await ofLambda(() => fail())
  expect(told).toMatch(here)
  expect(told).toContain('. the function threw TypeError: no ledger')
  expect(told).not.toContain('answer ok only when')
})

test('a Worker that throws is told with its line', async () => {
  const orders = cloudflareQueue<Order>('orders')
  const nodes = { billing: cloudflareWorker(() => ({ queue: () => fail() }), { consumes: [orders] }) }
  const told = await reportOf(enqueue(orders, order), { nodes })
  expect(told).toMatch(here)
  expect(told.match(/\. queue\(\) threw TypeError/g)?.length).toBeGreaterThan(0)
})

test('a handler of a topic that throws is told with its line', async () => {
  expect(await ofKafka(() => fail())).toMatch(here)
})

test('a consumer that never accepts what it has done holds, and is told', async () => {
  const told = await ofLambda(({ Records }) => {
    for (const { body } of Records) charge(JSON.parse(body) as Order)
    fail()
  })
  expect(told).toContain('ok charges')
  expect(told).toMatch(new RegExp(`On a perfect network too, ${here.source}`))
})

/** A call of SQS, as its SDK makes it. */
async function callSqs(url: string, action: string, parameters: object): Promise<unknown> {
  const response = await fetch(new URL('/', url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
    body: JSON.stringify({ QueueUrl: url, ...parameters }),
  })
  return response.json()
}

test('a consumer that forgets to acknowledge what it has done holds, and is told', async () => {
  const orders = sqsQueue('orders')
  const poll = async (): Promise<void> => {
    for (;;) {
      const { Messages = [] } = (await callSqs(orders.url, 'ReceiveMessage', { WaitTimeSeconds: 20 })) as {
        readonly Messages?: readonly { readonly Body: string }[]
      }
      for (const { Body } of Messages) charge(JSON.parse(Body) as Order)
    }
  }
  const told = await reportOf(enqueue(orders, order), {
    nodes: { billing: worker(() => void poll()) },
    outside: [sqs(orders)],
    tolerates: [],
  })
  expect(told).toContain('ok charges')
  expect(told).toContain('On a perfect network too, nobody acknowledged the message of "orders" in 30 s')
})

test('a function that never ends is told with its time, where nothing can be decided too', async () => {
  const told = await ofLambda(() => wait(60_000 + ledger.size))
  expect(told).toContain('the function took longer than its timeout of 3 s')
})

test('a Worker that never ends is told with its time', async () => {
  const orders = cloudflareQueue<Order>('orders')
  const forever = new Promise<void>(() => undefined)
  const nodes = { billing: cloudflareWorker(() => ({ queue: () => forever }), { consumes: [orders] }) }
  expect(await reportOf(enqueue(orders, order), { nodes, tolerates: [] })).toContain(
    'queue() had not returned after 15 min, so that its batch of "orders" comes again',
  )
})

test('a consumer that does all and acknowledges it is not told', async () => {
  const told = await ofLambda(({ Records }) => {
    for (const { body } of Records) charge(JSON.parse(body) as Order)
  })
  expect(told).toContain('ok charges')
  expect(told).not.toContain('On a perfect network too')
})

test('failures that nobody listens to are told', async () => {
  const told = await ofLambda(({ Records }) => {
    return { batchItemFailures: Records.map(({ messageId }) => ({ itemIdentifier: messageId })) }
  })
  expect(told).toContain('switch reportBatchItemFailures on, here and in the event source mapping')
})

test('a message that is acknowledged without its work has the advice of a message', async () => {
  const orders = cloudflareQueue<Order>('orders')
  const nodes = {
    billing: cloudflareWorker(
      () => ({
        queue({ messages }: WorkerBatch<Order>) {
          for (const { body } of messages) void wait(1).then(() => charge(body))
        },
      }),
      { consumes: [orders] },
    ),
  }
  const told = await reportOf(enqueue(orders, order), { nodes, tolerates: ['crash'] })
  expect(told).toContain(
    'the message of "orders" was acknowledged without its work: acknowledge it (return, delete, ack) only when that ' +
      'is done',
  )
  expect(told).not.toContain('answer ok only when')
})

test('a message whose offset is committed without its work has the advice of a message', async () => {
  const told = await ofKafka(
    async ({ message }) => {
      void wait(1).then(() => charge(JSON.parse(String(message.value)) as Order))
    },
    ['crash'],
  )
  expect(told).toContain('billing committed the offset of this message in "orders" without its work: commit it')
})

test('a member that died is not told to call heartbeat()', async () => {
  const told = await ofKafka(chargesAgain, ['crash'])
  expect(told).toContain('x charges')
  expect(told).not.toContain('call heartbeat()')
})

test('what another member fetches is not told as sent again by a provider', async () => {
  const told = await ofKafka(chargesAgain, [{ kind: 'lose', leg: 'reply' }], 2)
  expect(told).toMatch(/reply lost[^]*fetch\(\)/)
  expect(told).not.toContain('sent again by the provider')
})
