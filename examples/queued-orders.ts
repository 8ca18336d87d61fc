// What a process remembers dies with it: a Lambda function behind an SQS queue gets each message at least once. The
// broken one knows from its own memory which orders it has charged; another container, and the one after a crash, does
// not. The sound one asks the ledger, where the order is the key.
import * as fc from 'fast-check'
import { exactlyOnce, map, rows, type System } from 'two-generals'
import { enqueue, sqs, sqsLambda, sqsQueue } from 'two-generals/queues'

interface Order {
  readonly id: string
  readonly cents: number
}
interface Batch {
  readonly Records: readonly { readonly body: string }[]
}
type Handler = (batch: Batch) => Promise<void>

/** What was charged, entry by entry: the ledger of a bank, which forgets nothing. */
const ledger = new Map<number, { readonly order: string }>()
const charged = rows('charge', () => [...ledger.values()])

function charge({ id }: Order): void {
  ledger.set(ledger.size, { order: id })
}

const ordersOf = ({ Records }: Batch): readonly Order[] => Records.map(({ body }) => JSON.parse(body) as Order)

/** "I have seen this one." Each container starts without memories. */
export const remembers = (): Handler => {
  const seen = new Set<string>()
  return async (batch) => {
    for (const order of ordersOf(batch)) {
      if (seen.has(order.id)) continue
      charge(order)
      seen.add(order.id)
    }
  }
}

/** The ledger says what was charged. */
export const looksUp = (): Handler => async (batch) => {
  for (const order of ordersOf(batch))
    if (![...ledger.values()].some((entry) => entry.order === order.id)) charge(order)
}

/** A queue, and the function that charges what comes. */
export function charging(boot: () => Handler): System {
  const orders = sqsQueue('orders')
  const placed = enqueue(orders, fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 9 }) }))
  return {
    nodes: { billing: sqsLambda(orders, boot) },
    stores: [map(ledger, { name: 'ledger' })],
    outside: [sqs(orders)],
    operations: [placed],
    invariants: [
      exactlyOnce(
        placed.by(({ id }) => id),
        charged.by(({ order }) => order),
      ),
    ],
  }
}
