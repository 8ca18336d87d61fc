// Cloudflare Queues: what a batch holds and what becomes of its messages; and Workers found out and held from
// generators alone.
import { assess, atLeastOnce, formatAssessment, map, noHang, op, type System } from 'two-generals'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cloudflareQueue, cloudflareWorker, enqueue, type CloudflareQueue } from 'two-generals/queues'
import { amount } from '../full.ts'
import {
  acknowledgesFirst,
  knows,
  ledger,
  mailed,
  returnsFirst,
  shop,
  throwsForOne,
  type Bought,
  type QueueHandler,
  type WorkerBatch,
} from './cloudflare-worlds.ts'
import { rehearse } from '../../src/conformance/rehearse.ts'

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What a Worker gets of these messages, in two equal histories: for each batch when, and the bodies by attempt. */
async function batches(
  bodies: readonly unknown[],
  handle: QueueHandler<unknown>,
  options: Parameters<typeof cloudflareQueue>[1] = {},
  dead?: CloudflareQueue,
): Promise<unknown> {
  const orders = cloudflareQueue('orders', { ...options, ...(dead === undefined ? {} : { deadLetters: dead }) })
  let seen: unknown[] = []
  const worker = {
    queue: (batch: WorkerBatch<unknown>, env: unknown, ctx: unknown): unknown => {
      const words = batch.messages.map(({ body, attempts }) => `${JSON.stringify(body)} ${attempts}`)
      seen.push([performance.now(), batch.queue, words.join(', ')])
      return handle(batch, env, ctx)
    },
  }
  const consumes = dead === undefined ? [orders] : [orders, dead]
  await rehearse({ nodes: { shop: cloudflareWorker(() => worker, { consumes, instances: 1 }) } }, async () => {
    seen = []
    await orders.sendBatch(bodies.map((body) => ({ body })))
    await wait(60_000)
  })
  return seen
}

describe('a batch', () => {
  test('comes when it is full, or after its time, and is acknowledged by returning', async () => {
    expect(await batches(['a', 'b', 'c'], () => undefined, { batchSize: 2 })).toEqual([
      [60, 'orders', '"a" 1, "b" 1'],
      [5_120, 'orders', '"c" 1'],
    ])
  })

  test('comes again whole when the Worker throws, and is deleted or goes elsewhere after its last try', async () => {
    const fails = (): never => {
      throw new Error('no')
    }
    const options = { maxRetries: 1, batchTimeoutMs: 0 }
    expect(await batches(['a'], fails, options)).toEqual([
      [60, 'orders', '"a" 1'],
      [120, 'orders', '"a" 2'],
    ])
    const onlyOrders: QueueHandler<unknown> = ({ queue }) => (queue === 'orders' ? fails() : undefined)
    expect(await batches(['a'], onlyOrders, options, cloudflareQueue('dead', { batchTimeoutMs: 0 }))).toEqual([
      [60, 'orders', '"a" 1'],
      [120, 'orders', '"a" 2'],
      [180, 'dead', '"a" 1'],
    ])
  })

  test('what was said of a message counts more than what is said of all, and the first word counts', async () => {
    const handle: QueueHandler<unknown> = ({ messages: [first, second, third] }) => {
      if (first?.attempts === 2) return
      first?.ack()
      first?.retry()
      second?.retry({ delaySeconds: 10 })
      third?.ack()
    }
    expect(await batches([{ n: 1 }, new Date(5), 'c'], handle, { batchTimeoutMs: 0 })).toEqual([
      [60, 'orders', '{"n":1} 1, "1970-01-01T00:00:00.005Z" 1, "c" 1'],
      [10_120, 'orders', '"1970-01-01T00:00:00.005Z" 2'],
    ])
    const both: QueueHandler<unknown> = (batch) => {
      if (batch.messages[0]?.attempts === 2) return
      batch.messages[0]?.ack()
      batch.retryAll({ delaySeconds: 1 })
      batch.ackAll()
    }
    expect(await batches(['a', 'b'], both, { batchTimeoutMs: 0 })).toEqual([
      [60, 'orders', '"a" 1, "b" 1'],
      [1_120, 'orders', '"b" 2'],
    ])
  })
})

/** What sending gives, in two equal histories. */
async function sending(send: (queue: CloudflareQueue) => Promise<void>): Promise<unknown> {
  const orders = cloudflareQueue('orders', { batchTimeoutMs: 0 })
  const nodes = { shop: cloudflareWorker(() => ({ queue: () => undefined }), { consumes: [orders], instances: 1 }) }
  const { seen } = await rehearse({ nodes }, () => send(orders).then(String, (error: unknown) => String(error)))
  return seen
}

test.each<[words: string, send: (queue: CloudflareQueue) => Promise<void>]>([
  ['undefined', (queue) => queue.sendBatch(Array.from({ length: 100 }, (_, body) => ({ body })))],
  ['at most 100 messages, not 101', (queue) => queue.sendBatch(Array.from({ length: 101 }, (_, body) => ({ body })))],
  ['message length of 128001 bytes exceeds limit of 128000', (queue) => queue.send('x'.repeat(127_999))],
  ['delaySeconds is 86401', (queue) => queue.send('a', { delaySeconds: 86_401 })],
  ['undefined is no JSON', (queue) => queue.send(undefined)],
])('sending gives: %s', async (words, send) => {
  expect(await sending(send)).toContain(words)
})

test('bodies cross as JSON, or as they are, and a batch waits as long as is said of all', async () => {
  const crossed = async (contentType?: 'v8'): Promise<unknown> => {
    const orders = cloudflareQueue('orders', { batchTimeoutMs: 0 })
    let seen: unknown[] = []
    const queue = ({ messages }: WorkerBatch<unknown>): void => {
      for (const { body } of messages) seen.push([body, performance.now()])
    }
    await rehearse(
      { nodes: { shop: cloudflareWorker(() => ({ queue }), { consumes: [orders], instances: 1 }) } },
      async () => {
        seen = []
        const body = { at: new Date(5), by: new Map([[1, 2]]) }
        const messages = [contentType === undefined ? { body } : { body, contentType }]
        await orders.sendBatch(messages, { delaySeconds: 2 })
        await wait(10_000)
      },
    )
    return seen
  }
  expect(await crossed()).toEqual([[{ at: '1970-01-01T00:00:00.005Z', by: {} }, 2_060]])
  expect(await crossed('v8')).toEqual([[{ at: new Date(5), by: new Map([[1, 2]]) }, 2_060]])
})

test('an answer of the platform is no try', async () => {
  const orders = cloudflareQueue<Bought>('orders', { maxRetries: 0 })
  const sent = enqueue(orders, fc.record({ id: fc.uuid(), cents: fc.integer({ min: 0, max: 1 }) }))
  const system: System = {
    nodes: { shop: cloudflareWorker(() => ({ queue: knows }), { consumes: [orders] }) },
    stores: [map(ledger, { name: 'ledger' })],
    operations: [sent],
    tolerates: { 'orders -> shop': ['error', 'throttle'] },
    invariants: [
      atLeastOnce(
        sent.by(({ id }) => id),
        mailed.by(({ id }) => id),
      ),
    ],
  }
  const assessment = await assess(system, { seed: 1, numRuns: 20 })
  expect(assessment.kind, formatAssessment(assessment, { test: 'it' })).toBe('holds')
})

describe('mistakes are told', () => {
  test('a module without queue()', async () => {
    const orders = cloudflareQueue('orders')
    const module = { fetch: (): Response => new Response() }
    await expect(
      rehearse({ nodes: { shop: cloudflareWorker(() => module, { consumes: [orders] }) } }, () => orders.send('a')),
    ).rejects.toThrow('it consumes "orders", and its module has no queue(batch, env, ctx)')
  })

  test('a module without fetch() that is asked, and a next version without queue()', async () => {
    const orders = cloudflareQueue('orders')
    const consumer = { queue: () => undefined }
    const ask = (): Promise<Response> => fetch('http://shop/')
    await expect(
      rehearse({ nodes: { shop: cloudflareWorker(() => consumer, { consumes: [orders] }) } }, ask),
    ).rejects.toThrow('cloudflareWorker(): GET http://shop/ went to it, and its module has no fetch(request, env, ctx)')

    const next = (): object => ({ fetch: () => new Response() })
    const shop = cloudflareWorker(() => ({ ...consumer, fetch: () => new Response() }), { consumes: [orders], next })
    const system = { nodes: { shop }, operations: [op('ask', fc.constant(1), ask)], invariants: [noHang()] }
    await expect(assess({ ...system, tolerates: ['deploy'] })).rejects.toThrow(
      'cloudflareWorker(): it consumes "orders", and its module has no queue(batch, env, ctx)',
    )
  })

  test.each([
    ['cloudflareWorker(): next is 5; give a factory', () => cloudflareWorker(() => ({}), { next: 5 as never })],
    ['cloudflareWorker(..., { at: "shop" }): this is no origin', () => cloudflareWorker(() => ({}), { at: 'shop' })],
    ['it is no name of a queue', () => cloudflareQueue('a b')],
    ['has no option "maxRetry"', () => cloudflareQueue('a', { maxRetry: 1 } as object)],
    ['maxRetries is -1', () => cloudflareQueue('a', { maxRetries: -1 })],
    [
      'batchTimeoutMs is 60001; Cloudflare allows at most 60_000',
      () => cloudflareQueue('a', { batchTimeoutMs: 60_001 }),
    ],
    ['batchSize is 101', () => cloudflareQueue('a', { batchSize: 101 })],
    ['maxRetries is 101', () => cloudflareQueue('a', { maxRetries: 101 })],
    ['cloudflareWorker(): its first argument is an object', () => cloudflareWorker({ queue: () => 1 } as never)],
    ['cloudflareWorker(): instances is 0', () => cloudflareWorker(() => ({}), { instances: 0 })],
    ['deadLetters is "dead"; give a queue', () => cloudflareQueue('a', { deadLetters: 'dead' as never })],
    ['consumes holds "orders"; give queues', () => cloudflareWorker(() => ({}), { consumes: ['orders' as never] })],
    ['consumes is an object; give a list', () => cloudflareWorker(() => ({}), { consumes: {} as never })],
  ])('%s', (text, declare) => {
    expect(declare).toThrow(text)
  })
})

test.each<[name: string, broken: System]>([
  ['one record throws, and the others of its batch are charged again', shop(throwsForOne, { waits: true })],
  ['all are acknowledged before the work', shop(acknowledgesFirst, { waits: true })],
  ['nobody waits for the work', shop(returnsFirst(false), { waits: true })],
  ['nobody waits for send()', shop(knows, { waits: false })],
])('%s', async (name, broken) => {
  const assessment = await assess(broken, { seed: 1, shrink: false })
  expect(assessment.kind, formatAssessment(assessment, { test: name })).toBe('violated')
})

test.each([
  ['who waits, and knows what was charged', knows],
  ['who gives its work to waitUntil', returnsFirst(true)],
])('%s holds', async (_, queue) => {
  const assessment = await assess(shop(queue, { waits: true }), { seed: 1, numRuns: amount(100) })
  expect(assessment.kind, formatAssessment(assessment, { test: 'it' })).toBe('holds')
})

test('enqueue sends to it as well', async () => {
  const orders = cloudflareQueue<Bought>('orders', { maxRetries: 100 })
  const sent = enqueue(orders, fc.record({ id: fc.uuid(), cents: fc.integer({ min: 0, max: 1 }) }))
  const system: System = {
    nodes: { shop: cloudflareWorker(() => ({ queue: knows }), { consumes: [orders] }) },
    stores: [map(ledger, { name: 'ledger' })],
    operations: [sent],
    invariants: [
      atLeastOnce(
        sent.by(({ id }) => id),
        mailed.by(({ id }) => id),
      ),
    ],
  }
  const assessment = await assess(system, { seed: 1, numRuns: amount(100) })
  expect(assessment.kind, formatAssessment(assessment, { test: 'it' })).toBe('holds')
})

test('a claim names its links, from the client and to the Worker', async () => {
  const orders = cloudflareQueue<Bought>('orders', { maxRetries: 100 })
  const sent = enqueue(orders, fc.record({ id: fc.uuid(), cents: fc.integer({ min: 0, max: 1 }) }))
  const tolerates: System['tolerates'] = { 'client -> orders': ['delay'], 'orders -> shop': ['lose'], orders: ['hang'] }
  const system: System = {
    nodes: { shop: cloudflareWorker(() => ({ queue: knows }), { consumes: [orders] }) },
    stores: [map(ledger, { name: 'ledger' })],
    operations: [sent],
    tolerates,
    invariants: [
      atLeastOnce(
        sent.by(({ id }) => id),
        mailed.by(({ id }) => id),
      ),
    ],
  }
  const assessment = await assess(system, { seed: 1, numRuns: 20 })
  expect(assessment.kind, formatAssessment(assessment, { test: 'it' })).toBe('holds')
  expect(Object.keys(assessment.explored.fired).sort()).toEqual(['delay', 'hang', 'lose'])
})
