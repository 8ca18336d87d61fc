// Two systems, one act: a shop stores an order and tells the warehouse by a queue. The broken one stores it and then
// sends; it dies in between, and nobody ever ships. The sound one stores the message beside the order, in one
// transaction, and a relay sends what stands there until it was accepted. The warehouse then gets some messages twice,
// and ships each order once, since the order is the key.
import * as fc from 'fast-check'
import { atLeastOnce, atMostOnce, map, op, rows, serve, type FetchHandler, type System } from 'two-generals'
import { sqs, sqsLambda, sqsQueue, worker } from 'two-generals/queues'

interface Stored {
  /** Whether its message was accepted by the queue. */
  readonly told: boolean
}
interface Batch {
  readonly Records: readonly { readonly body: string }[]
}

const orders = new Map<string, Stored>()
const parcels = new Map<string, 'sent'>()
const shipped = rows('parcel', () => [...parcels.keys()].map((order) => ({ order })))
const shipments = sqsQueue('shipments')

/** As an SDK sends. */
async function send(order: string): Promise<void> {
  const answer = await fetch(new URL('/', shipments.url), {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: JSON.stringify({ QueueUrl: shipments.url, MessageBody: order }),
    signal: AbortSignal.timeout(5_000),
  })
  if (!answer.ok) throw new Error(`SQS answered ${answer.status}`)
}

/** Stores, then sends. */
export const storesAndSends: FetchHandler = async (request) => {
  const order = await request.text()
  if (!orders.has(order)) {
    orders.set(order, { told: true })
    await send(order)
  }
  return new Response(null, { status: 201 })
}

/** Stores that it has to be sent. */
export const storesBoth: FetchHandler = async (request) => {
  const order = await request.text()
  if (!orders.has(order)) orders.set(order, { told: false })
  return new Response(null, { status: 201 })
}

/** Sends what was not told yet, every second. */
function relay(): void {
  const round = async (): Promise<void> => {
    for (const [order, { told }] of orders) {
      if (told) continue
      await send(order).then(
        () => orders.set(order, { told: true }),
        () => undefined, // in the next round
      )
    }
    setTimeout(() => void round(), 1_000)
  }
  void round()
}

async function ship({ Records }: Batch): Promise<void> {
  for (const { body } of Records) parcels.set(body, 'sent')
}

const place = op('place', fc.uuid(), (order) => fetch('http://shop/orders', { method: 'POST', body: order }), {
  retries: 2,
  timeout: 10_000,
})

/** A shop, a relay, a queue and a warehouse. */
export function shop(handler: FetchHandler): System {
  return {
    nodes: { shop: serve(() => handler), relay: worker(relay), warehouse: sqsLambda(shipments, () => ship) },
    stores: [map(orders, { name: 'orders' }), map(parcels, { name: 'parcels' })],
    outside: [sqs(shipments)],
    operations: [place],
    invariants: [
      atLeastOnce(
        place.by((order) => order),
        shipped.by(({ order }) => order),
      ),
      atMostOnce(shipped.by(({ order }) => order)),
    ],
  }
}
