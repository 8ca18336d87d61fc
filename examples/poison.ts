// Strict order was chosen, and one message that nobody can handle stands at the head of its line: an SQS queue in order
// (FIFO) gives nothing of a group while an earlier message of it is not acknowledged. In the broken set-up that message
// comes again for ever, and all orders of its account wait behind it. In the sound one it goes to the dead letters
// after three tries, where a person looks at it.
import * as fc from 'fast-check'
import { atLeastOnce, journal, type System } from 'two-generals'
import { enqueue, sqs, sqsLambda, sqsQueue, type SqsQueueOptions } from 'two-generals/queues'

interface Order {
  readonly id: string
  readonly account: string
  readonly cents: number
}
interface Batch {
  readonly Records: readonly { readonly body: string }[]
}

const settled = journal<{ readonly order: string }>('settled')

/** Orders of nothing cannot be charged. It throws, so that nothing is lost. */
async function charge({ Records }: Batch): Promise<void> {
  for (const { body } of Records) {
    const { id, cents } = JSON.parse(body) as Order
    if (cents === 0) throw new Error(`nothing to charge for ${id}`)
    settled.add({ order: id })
  }
}

/** A person looks at what nobody could charge. */
async function setAside({ Records }: Batch): Promise<void> {
  for (const { body } of Records) settled.add({ order: (JSON.parse(body) as Order).id })
}

const deadOrders = sqsQueue('orders-dead.fifo')

/** Again and again. */
export const forEver: SqsQueueOptions = {}

/** Three tries. */
export const threeTries: SqsQueueOptions = { maxReceives: 3, deadLetters: deadOrders }

/** Each order is settled in the end: charged, or set aside. One at a time, in the order of its account. */
export function settling(options: SqsQueueOptions): System {
  const orders = sqsQueue('orders.fifo', options)
  const order: fc.Arbitrary<Order> = fc.record({
    id: fc.uuid(),
    account: fc.constantFrom('a', 'b'),
    cents: fc.integer({ min: 0, max: 3 }),
  })
  const placed = enqueue(orders, order, { group: ({ account }) => account })
  return {
    nodes: {
      billing: sqsLambda(orders, () => charge, { batchSize: 1 }),
      support: sqsLambda(deadOrders, () => setAside),
    },
    outside: [sqs(orders, deadOrders)],
    operations: [placed],
    invariants: [
      atLeastOnce(
        placed.by(({ id }) => id),
        settled.by(({ order: id }) => id),
      ),
    ],
  }
}
