// Systems around a Kafka cluster: a ledger that books what it reads, one whose partition is blocked, and producers;
// each in a broken and a sound form.
import {
  atLeastOnce,
  exactlyOnce,
  journal,
  map,
  op,
  queueDelivery,
  rows,
  serve,
  type Effect,
  type System,
} from 'two-generals'
import * as fc from 'fast-check'
import { kafkaCluster, worker, type KafkaEachMessage, type KafkaRun } from 'two-generals/queues'

type Cluster = ReturnType<typeof kafkaCluster>

export async function start(cluster: Cluster, run: KafkaRun, topic = 'orders'): Promise<void> {
  const consumer = cluster.consumer({ groupId: 'billing' })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run(run)
}

interface Booked {
  readonly id: string
  readonly account: string
  readonly cents: number
}
const order: fc.Arbitrary<Booked> = fc.record({
  id: fc.uuid(),
  account: fc.constantFrom('a', 'b'),
  cents: fc.integer({ min: 0, max: 4 }),
})
const ledger = new Map<string, number>()
export const written: Effect<{ readonly id: string }> = rows('entry', () =>
  [...ledger].flatMap(([id, n]) => Array.from({ length: n }, () => ({ id }))),
)
export const set: Effect<{ readonly id: string }> = rows('entry', () => [...ledger.keys()].map((id) => ({ id })))
const handled = journal<{ readonly id: string }>('handled')

export type Handle = (order: Booked) => Promise<void>

/** A ledger that reads a topic. `idempotent`: of the producer. */
export function booking(
  handle: Handle,
  { idempotent, entries }: { readonly idempotent: boolean; readonly entries: Effect<{ readonly id: string }> },
): System {
  const cluster = kafkaCluster({ orders: 2 })
  const producer = cluster.producer({ idempotent })
  const place = op(
    'place',
    order,
    (one) => producer.send({ topic: 'orders', messages: [{ key: one.account, value: JSON.stringify(one) }] }),
    { timeout: 60_000 },
  )
  return {
    nodes: {
      rates: serve(() => () => new Response('1')),
      booking: worker(
        () =>
          start(cluster, {
            eachMessage: ({ message }) => handle(JSON.parse(message.value?.toString() ?? '') as Booked),
          }),
        { instances: 2 },
      ),
    },
    stores: [map(ledger, { name: 'ledger' })],
    operations: [place],
    invariants: [
      exactlyOnce(
        place.by(({ id }) => id),
        entries.by(({ id }) => id),
      ),
    ],
  }
}

const rate = async (): Promise<void> => {
  await fetch('http://rates/', { signal: AbortSignal.timeout(5_000) })
}

/** Adds an entry for each message. */
export const adds: Handle = async ({ id }) => {
  await rate()
  ledger.set(id, (ledger.get(id) ?? 0) + 1)
}

/** The id of the order is the key of its entry. */
export const puts: Handle = async ({ id }) => {
  await rate()
  ledger.set(id, 1)
}

/** A message that it cannot book blocks its partition. */
export function blocked(handle: Handle): System {
  const system = booking(handle, { idempotent: true, entries: set })
  const [place] = system.operations as [ReturnType<typeof op<Booked>>]
  return {
    ...system,
    stores: [],
    invariants: [
      atLeastOnce(
        place.by(({ id }) => id),
        handled.by(({ id }) => id),
      ),
    ],
  }
}

export const throwsForOne: Handle = async ({ id, cents }) => {
  if (cents === 0) throw new Error('nothing to book')
  handled.add({ id })
}

export const goesOn: Handle = async ({ id }) => {
  handled.add({ id })
}

/** How often each message stands in the log: each is handled once by one consumer that never fails. */
export function logged(idempotent: boolean): System {
  const cluster = kafkaCluster({ orders: 1 }, 'kafka.example')
  const producer = cluster.producer({ idempotent })
  const place = op('place', order, (one) =>
    producer.send({ topic: 'orders', messages: [{ value: JSON.stringify(one) }] }),
  )
  const read = ({ message }: KafkaEachMessage): Promise<void> => {
    handled.add(JSON.parse(message.value?.toString() ?? '') as Booked)
    return Promise.resolve()
  }
  return {
    nodes: { reader: worker(() => start(cluster, { eachMessage: read })) },
    operations: [place],
    tolerates: { 'client -> kafka.example': ['lose', 'reset'] },
    invariants: [
      queueDelivery(
        place.by(({ id }) => id),
        handled.by(({ id }) => id),
      ),
    ],
  }
}
