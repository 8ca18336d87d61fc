// An event after its window closed: sales are added up in windows of ten seconds, by the time at which each was made,
// and a window is closed five seconds after its end. A sale that comes later, since its batch was lost or its consumer
// stood still, is left out of a total that is out already, and acknowledged: it is in none. The sound twin closes the
// window, too, and books what comes later as a correction of it.
import * as fc from 'fast-check'
import { exactlyOnce, map, op, rows, type System } from 'two-generals'
import { cloudflareQueue, cloudflareWorker, type CloudflareModule } from 'two-generals/queues'

interface Sale {
  readonly id: string
  readonly cents: number
  readonly soldAtMs: number
}

interface Batch {
  readonly messages: readonly { readonly body: Sale }[]
}

const [windowMs, graceMs] = [10_000, 5_000]

const booked = new Map<
  string,
  { readonly window: number; readonly cents: number; readonly as: 'sale' | 'correction' }
>()

/** Adds a sale to its window, unless that is closed; then it does what is said to do. */
function adding(late: (window: number, sale: Sale) => void): CloudflareModule {
  return {
    queue({ messages }: Batch) {
      for (const { body } of messages) {
        const window = Math.floor(body.soldAtMs / windowMs)
        if (Date.now() > (window + 1) * windowMs + graceMs) late(window, body)
        else booked.set(body.id, { window, cents: body.cents, as: 'sale' })
      }
    },
  }
}

/** Leaves it out. */
export const dropping: CloudflareModule = adding(() => undefined)

/** Corrects the total that is out. */
export const correcting: CloudflareModule = adding((window, { id, cents }) => {
  if (!booked.has(id)) booked.set(id, { window, cents, as: 'correction' })
})

const sales = cloudflareQueue<Sale>('sales', { batchTimeoutMs: 100, maxRetries: 100, retryDelayMs: 10_000 })
const sell = op('sell', fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 100 }) }), (sale) =>
  sales.send({ ...sale, soldAtMs: Date.now() }),
)
const entry = rows('entry', () => [...booked].map(([id, one]) => ({ id, ...one })))

/** A ledger that gets sales over a queue. */
export function totalling(ledger: CloudflareModule): System {
  return {
    nodes: { ledger: cloudflareWorker(() => ({ ...ledger }), { consumes: [sales] }) },
    stores: [map(booked, { name: 'booked' })],
    operations: [sell],
    invariants: [
      exactlyOnce(
        sell.by(({ id }) => id),
        entry.by(({ id }) => id),
      ),
    ],
  }
}
