// Shops of Cloudflare Workers that send to a queue and charge what comes from it, in broken and sound forms.
import { atLeastOnce, atMostOnce, journal, map, op, rows, type Effect, type Journal, type System } from 'two-generals'
import * as fc from 'fast-check'
import { cloudflareQueue, cloudflareWorker, type CloudflareQueue } from 'two-generals/queues'

/** A message of a batch, as Cloudflare's types have it. */
export interface WorkerMessage<T> {
  readonly id: string
  readonly timestamp: Date
  readonly body: T
  readonly attempts: number
  ack(): void
  retry(options?: { readonly delaySeconds?: number }): void
}

/** A batch. */
export interface WorkerBatch<T> {
  readonly queue: string
  readonly messages: readonly WorkerMessage<T>[]
  ackAll(): void
  retryAll(options?: { readonly delaySeconds?: number }): void
}

/** The `queue` of a module. */
export type QueueHandler<T> = (batch: WorkerBatch<T>, env: unknown, ctx: unknown) => unknown

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export interface Bought {
  readonly id: string
  readonly cents: number
}
export const ledger: Map<string, number> = new Map()
const charged: Effect<{ readonly id: string }> = rows('charge', () =>
  [...ledger].flatMap(([id, n]) => Array.from({ length: n }, () => ({ id }))),
)
export const mailed: Journal<{ readonly id: string }> = journal<{ readonly id: string }>('mail')
const charge = ({ id }: Bought): void => {
  ledger.set(id, (ledger.get(id) ?? 0) + 1)
}

/** A shop whose fetch sends, and whose queue charges. */
export function shop(queue: QueueHandler<Bought>, options: { readonly waits: boolean }): System {
  // With the usual 3, four lost batches are a lost order
  const orders = cloudflareQueue<Bought>('orders', { batchTimeoutMs: 100, maxRetries: 100 })
  const worker = {
    async fetch(request: Request, env: { readonly ORDERS: CloudflareQueue<Bought> }): Promise<Response> {
      const order = (await request.json()) as Bought
      const sent = env.ORDERS.send(order)
      if (options.waits) await sent
      else sent.catch(() => undefined)
      return new Response(null, { status: 202 })
    },
    queue,
  }
  const place = op(
    'place',
    fc.record({ id: fc.uuid(), cents: fc.integer({ min: 0, max: 4 }) }),
    (order) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(order) }),
    { timeout: 30_000 },
  )
  return {
    nodes: { shop: cloudflareWorker(() => worker, { env: { ORDERS: orders }, consumes: [orders] }) },
    stores: [map(ledger, { name: 'ledger' })],
    operations: [place],
    invariants: [
      atMostOnce(charged.by(({ id }) => id)),
      atLeastOnce(
        place.by(({ id }) => id),
        mailed.by(({ id }) => id),
      ),
    ],
  }
}

export const knows: QueueHandler<Bought> = ({ messages }) => {
  for (const message of messages) {
    if (message.body.cents > 0 && !ledger.has(message.body.id)) charge(message.body)
    mailed.add({ id: message.body.id })
    message.ack()
  }
}

export const throwsForOne: QueueHandler<Bought> = ({ messages }) => {
  for (const { body, attempts } of messages) {
    if (body.cents === 0 && attempts === 1) throw new Error('nothing to charge')
    if (body.cents > 0) charge(body)
    mailed.add({ id: body.id })
  }
}

interface Waits {
  waitUntil(work: Promise<unknown>): void
}

/** It returns at once, and what it began may fail. */
export const returnsFirst =
  (waits: boolean): QueueHandler<Bought> =>
  ({ messages }, _, ctx) => {
    const work = wait(10).then(() => {
      for (const { body, attempts } of messages) {
        if (body.cents === 0 && attempts === 1) throw new Error('nothing to charge')
        if (!ledger.has(body.id)) charge(body)
        mailed.add({ id: body.id })
      }
    })
    if (waits) (ctx as Waits).waitUntil(work)
    else work.catch(() => undefined)
  }

export const acknowledgesFirst: QueueHandler<Bought> = async (batch) => {
  batch.ackAll()
  await wait(10)
  for (const { body } of batch.messages) {
    if (body.cents === 0) throw new Error('nothing to charge')
    mailed.add({ id: body.id })
  }
}
