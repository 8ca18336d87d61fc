// A consumer that returns from the dead: a member of a Kafka group is silent for longer than its session, since it
// stands still or its network does. Its partition goes to another member, which handles the message. The first one
// knows nothing of it, and goes on where it was. What it commits is refused; what it writes is not. The broken one
// looks before it waits whether the message was booked. The sound one keeps the offset beside the balance, and looks as
// it writes, in one step.
import * as fc from 'fast-check'
import { exactlyOnce, map, op, rows, serve, type System } from 'two-generals'
import { kafkaCluster, worker, type KafkaMessage } from 'two-generals/queues'

interface Payment {
  readonly id: string
  readonly cents: number
}

/** The entries of one account, and up to which offset they were booked. */
interface Account {
  readonly entries: readonly string[]
  readonly upTo: number
}

const accounts = new Map<string, Account>()
const booked = rows('entry', () => [...accounts.values()].flatMap(({ entries }) => entries.map((id) => ({ id }))))
const stored = (): Account => accounts.get('shop') ?? { entries: [], upTo: -1 }

/** The rate of today, from another service. */
async function rate(): Promise<void> {
  await fetch('http://rates/', { signal: AbortSignal.timeout(10_000) })
}

type Book = (payment: Payment, offset: number) => Promise<void>

function add({ id }: Payment, offset: number): void {
  const { entries } = stored()
  accounts.set('shop', { entries: [...entries, id], upTo: offset })
}

/** Looks, waits, writes. */
export const looksBefore: Book = async (payment, offset) => {
  if (stored().upTo >= offset) return
  await rate()
  add(payment, offset)
}

/** Waits, and then looks and writes in one step. */
export const looksAsItWrites: Book = async (payment, offset) => {
  await rate()
  if (stored().upTo < offset) add(payment, offset)
}

/** Two members of one group, who book the payments of one partition. */
export function booking(book: Book): System {
  const kafka = kafkaCluster({ payments: 1 })
  const producer = kafka.producer({ idempotent: true })
  const eachMessage = ({ message: { value, offset } }: { readonly message: KafkaMessage }): Promise<void> =>
    book(JSON.parse(String(value)) as Payment, Number(offset))
  const start = async (): Promise<void> => {
    const consumer = kafka.consumer({ groupId: 'booking' })
    await consumer.subscribe({ topics: ['payments'], fromBeginning: true })
    await consumer.run({ eachMessage })
  }
  const pay = op('pay', fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 9 }) }), (payment) =>
    producer.send({ topic: 'payments', messages: [{ value: JSON.stringify(payment) }] }),
  )
  return {
    nodes: { booking: worker(start, { instances: 2 }), rates: serve(() => () => new Response('1')) },
    stores: [map(accounts, { name: 'accounts' })],
    operations: [pay],
    invariants: [
      exactlyOnce(
        pay.by(({ id }) => id),
        booked.by(({ id }) => id),
      ),
    ],
  }
}
