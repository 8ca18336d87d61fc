// queueDelivery over rows of consumers: order is judged though the rows have no times of their own, and what a broker
// still waits for is waited for.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assess, formatAssessment, journal, map, queueDelivery, rows, type System } from '../../src/index.ts'
import { cloudflareQueue, cloudflareWorker, enqueue } from '../../src/queues.ts'
import { amount } from '../full.ts'
import type { WorkerBatch } from './cloudflare-worlds.ts'

interface Numbered {
  readonly id: string
  readonly n: number
}

const handled = new Map<string, Numbered>()
const stored = rows('handled', () => [...handled.values()])
const noted = journal<Numbered>('noted')
const position = ({ n }: Numbered): { readonly partition: string; readonly sequence: number } => {
  return { partition: 'all', sequence: n }
}

/** A Worker that handles what comes. `order`: messages have numbers in an order that a queue does not keep. */
function consumer(of: typeof stored | typeof noted, order: boolean): System {
  const orders = cloudflareQueue<Numbered>('orders', { maxRetries: 100 })
  const sent = enqueue(orders, fc.record({ id: fc.uuid(), n: fc.integer({ min: 1, max: 1_000 }) }))
  const queue = ({ messages }: WorkerBatch<Numbered>): void => {
    for (const { body } of messages) {
      handled.set(body.id, body)
      if (of === noted) noted.add(body)
    }
  }
  return {
    nodes: { shop: cloudflareWorker(() => ({ queue }), { consumes: [orders] }) },
    stores: [map(handled, { name: 'kept' })],
    operations: [sent],
    invariants: [
      queueDelivery(
        sent.by(({ id }) => id),
        of.by(({ id }) => id),
        order ? { duplicates: 99, order: position } : { duplicates: 99 },
      ),
    ],
  }
}

test.each([
  ['rows', stored],
  ['a journal', noted],
])('messages that are handled in another order than theirs are found, with %s', async (_, of) => {
  const assessment = await assess(consumer(of, true), { seed: 1, numRuns: 20, shrink: false })
  const told = formatAssessment(assessment, { test: 'order' })
  expect(assessment.kind, told).toBe('violated')
  expect(told).toContain('expected the order of its')
})

test('a Worker that handles all holds, though each lost batch is waited for longer than recovery usually lasts', async () => {
  const assessment = await assess(consumer(stored, false), { seed: 1, numRuns: amount(100) })
  expect(assessment.kind, formatAssessment(assessment, { test: 'all' })).toBe('holds')
})
