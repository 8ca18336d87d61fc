// A consumer that neither acknowledges nor throws: the report says so, tells one whole round of what goes on for ever,
// and what to do.
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
} from '../../src/queues.ts'

interface Order {
  readonly id: string
}

const ledger = new Map<number, { readonly order: string }>()
const charged = rows('charge', () => [...ledger.values()])
const order = fc.record({ id: fc.uuid() })
const forever = (): Promise<void> => new Promise(() => undefined)

function charge({ id }: Order): void {
  ledger.set(ledger.size, { order: id })
}

/** The report of what is found about a system that charges once for each order. */
async function reportOf(placed: Operation<Order>, parts: Pick<System, 'nodes' | 'outside'>): Promise<string> {
  const once = exactlyOnce(
    placed.by(({ id }) => id),
    charged.by((one) => one.order),
  )
  const system: System = {
    ...parts,
    operations: [placed],
    invariants: [once],
    stores: [map(ledger, { name: 'ledger' })],
  }
  const assessment = await assess(system, { seed: 1, numRuns: 0 })
  return formatAssessment(assessment, { test: 'charges' }).replaceAll(/\n {12}/g, ' ')
}

test('what cannot be decided since a function never ends is not to be waited for longer', async () => {
  const orders = sqsQueue('orders')
  const told = await reportOf(enqueue(orders, order), {
    nodes: {
      billing: sqsLambda(orders, () => async () => {
        ledger.delete(-1)
        await forever()
      }),
    },
    outside: [sqs(orders)],
  })
  expect(told).toContain('could not be decided')
  expect(told.replaceAll('\n', ' ')).toContain('see below what keeps the system busy on a perfect network.')
  expect(told).toMatch(
    /On a perfect network too, the function took longer than its timeout of 3 s, .*let it end on every/,
  )
  expect(told).not.toContain('aise recoverForMs')
})

test('a function that never ends is told with its timeout, its message, and all of one round', async () => {
  const orders = sqsQueue('orders')
  const told = await reportOf(enqueue(orders, order), {
    nodes: {
      billing: sqsLambda(orders, () => ({ Records }: { readonly Records: readonly { readonly body: string }[] }) => {
        for (const { body } of Records) charge(JSON.parse(body) as Order)
        return forever()
      }),
    },
    outside: [sqs(orders)],
  })
  expect(told).toContain(
    'the function took longer than its timeout of 3 s, so that its batch of "orders" comes again: let it end on every ' +
      'path, or give it more time',
  )
  expect(told).toContain('Task timed out after 3.00 seconds')
  expect(told).toContain('. not acknowledged in 30 s: orders {"id":"id#0"}')
  // The first round, two further times, and the last one
  expect(told.match(/charge id#0 {2}\(\d+\)/g)).toHaveLength(4)
})

test('a member of a group that works on one message for ever is told with its group', async () => {
  const kafka = kafkaCluster({ orders: 1 })
  const producer = kafka.producer({ idempotent: true })
  const placed = op('place', order, (one: Order) =>
    producer.send({ topic: 'orders', messages: [{ key: one.id, value: JSON.stringify(one) }] }),
  )
  const told = await reportOf(placed, {
    nodes: {
      billing: worker(async () => {
        const consumer = kafka.consumer({ groupId: 'billing' })
        await consumer.subscribe({ topics: ['orders'], fromBeginning: true })
        await consumer.run({
          eachMessage({ message }) {
            charge(JSON.parse(String(message.value)) as Order)
            return forever()
          },
        })
      }),
    },
  })
  expect(told).toContain(
    ' was silent for 30 s, since its handler had not returned, so the group billing gave its partitions to another: ' +
      'call heartbeat() while a message is worked on, let it end, or give sessionTimeout more',
  )
})

test('a message that was given up is told with the number of its tries', async () => {
  const orders = cloudflareQueue<Order>('orders', { maxRetries: 2 })
  const told = await reportOf(enqueue(orders, order), {
    nodes: {
      billing: cloudflareWorker(() => ({ queue: () => Promise.reject(new Error('no ledger')) }), {
        consumes: [orders],
      }),
    },
  })
  expect(told).toContain(
    'the queue "orders" gave the message up after 3 tries: give it dead letters, and let somebody look there',
  )
})
