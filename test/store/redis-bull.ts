// Orders that are charged by jobs of BullMQ.
import { Queue, Worker } from 'bullmq'
import * as fc from 'fast-check'
import type { Redis } from 'ioredis'
import { atLeastOnce, atMostOnce, op, rows, serve, type System } from '../../src/index.ts'
import { redis } from '../../src/redis.ts'
import { connect } from './redis-play.ts'

interface Order {
  readonly id: string
}

const connection = { host: 'cache.internal', maxRetriesPerRequest: null }
const silent = (): undefined => undefined

/** Two workers with the settings of BullMQ itself: a job's lock lasts 30 s. */
export function charging(charge: (client: Redis, id: string) => Promise<unknown>): System {
  const store = redis({ appendfsync: 'always' })
  const order = op('order', fc.record({ id: fc.uuid() }), (input) =>
    fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }),
  )
  const charges = rows('charge', () => {
    const all = store.value('charges') ?? []
    return Array.isArray(all) ? (all as readonly string[]) : Object.keys(all)
  })
  const shop = serve(() => {
    const queue = new Queue<Order>('orders', { connection }).on('error', silent)
    return async (request: Request) => {
      const { id } = (await request.json()) as Order
      await queue.add('order', { id }, { jobId: id })
      return new Response('queued', { status: 202 })
    }
  })
  const worker = serve(
    () => {
      const client = connect()
      const charging = async ({ data }: { readonly data: Order }): Promise<void> => {
        await charge(client, data.id)
        await new Promise((resolve) => setTimeout(resolve, 1_000)) // the receipt
      }
      new Worker<Order>('orders', charging, { connection }).on('error', silent)
      return () => new Response('alive')
    },
    { instances: 2 },
  )
  return {
    nodes: { shop, worker },
    stores: [store],
    operations: [order],
    invariants: [
      atMostOnce(charges.by((id) => id)),
      atLeastOnce(
        order.by(({ id }) => id),
        charges.by((id) => id),
      ),
    ],
    tolerates: { worker: ['pause'] },
    maxOperations: 2,
  }
}
