// A Kafka cluster as the user declares it: its topics, and clients in kafkajs' shape, to be injected where the code
// under test takes `new Kafka(...)`.
import { assertNumber, assertOptions, assertType, foundWords, isRecord } from '../../plain/options.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import { current } from '../../simulate/context.ts'
import { port } from '../../transport/port.ts'
import { running } from '../../transport/provide.ts'
import { kafkaCalls, type KafkaCalls } from './kafka-broker.ts'
import type { KafkaConsumer } from './consumer-shape.ts'
import { kafkaConsumer } from './kafka-consumer.ts'
import { refusing } from './not-simulated.ts'
import { kafkaProducer, type KafkaProducer } from './kafka-producer.ts'

/** How a consumer belongs to its group, in kafkajs' words. Times in milliseconds of virtual time. */
export interface KafkaConsumerOptions {
  readonly groupId: string
  /** How long a member may be silent. @default 30_000 */
  readonly sessionTimeout?: number
  /** How often it is heard of at most. @default 3_000 */
  readonly heartbeatInterval?: number
  /** How long it waits for the others as it joins. @default 60_000 */
  readonly rebalanceTimeout?: number
  /** How long a fetch waits for messages. @default 5_000 */
  readonly maxWaitTimeInMs?: number
}

/** How a producer writes, in kafkajs' words. */
export interface KafkaProducerOptions {
  /** Whether a message whose answer was lost is written once all the same. @default false */
  readonly idempotent?: boolean
}

/** A cluster: what code that uses kafkajs needs of `Kafka`. */
export interface KafkaCluster {
  readonly kind: 'kafka-cluster'
  producer(options?: KafkaProducerOptions): KafkaProducer
  consumer(options: KafkaConsumerOptions): KafkaConsumer
}

/**
 * A Kafka cluster with these topics, each with so many partitions. Its producers and consumers have kafkajs' shape, so
 * that code which takes a `Kafka` takes this one. All calls go over the network to the node `kafka`, which never fails.
 *
 * A partition is in order, and read from the committed offset on by one member of a group. A member that is silent for
 * longer than its session, because it died, stands still or works for too long, loses its partitions to the others; it
 * may still work on what it has, and what it commits then is refused. Where a group has committed nothing, it begins
 * at the end of a partition, or at its first message if it subscribes `fromBeginning`. Keys and values are texts.
 *
 * @param topics the number of partitions of each topic
 * @param name the cluster's column in stories @default 'kafka'
 * @throws if a topic has no partitions
 * @see https://kafka.apache.org/documentation/#semantics
 * @example
 * const kafka = kafkaCluster({ orders: 3 })
 * const producer = kafka.producer()
 * const placed = op('place', order, (o) =>
 *   producer.send({ topic: 'orders', messages: [{ key: o.id, value: JSON.stringify(o) }] }))
 * const system = {
 *   nodes: {
 *     billing: worker(async () => {
 *       const consumer = kafka.consumer({ groupId: 'billing' })
 *       await consumer.subscribe({ topics: ['orders'], fromBeginning: true })
 *       await consumer.run({ eachMessage })
 *     }, { instances: 2 }),
 *   },
 *   operations: [placed],
 * }
 */
export function kafkaCluster(topics: Readonly<Record<string, number>>, name = 'kafka'): KafkaCluster {
  if (!isRecord(topics) || Object.keys(topics).length === 0)
    throw new Error(
      `kafkaCluster(): its topics are ${isRecord(topics) ? 'none' : foundWords(topics)}; give { orders: 3 }, ` +
        'partitions by topic.',
    )
  for (const [topic, count] of Object.entries(topics))
    assertNumber(`kafkaCluster(): the number of partitions of "${topic}"`, count, 'a whole number from 1')
  const calls: KafkaCalls = port(name, kafkaCalls(topics))
  /** The same for the same process and the same code in it, in every history. */
  const identity = (what: string) => (): string => {
    const context = running()
    return `${context.life.node}-${context.life.instance ?? 1}-${what}-${context.host.draw(context, what).toString(16)}`
  }
  const cluster: KafkaCluster = {
    kind: 'kafka-cluster',
    producer(options = {}) {
      assertOptions('producer()', options, [...usualOfProducers, 'idempotent'])
      assertType('producer(): idempotent', options.idempotent, 'boolean', 'true or false')
      const identified = options.idempotent === true ? identity('producer') : undefined
      return refusing('producer', kafkaProducer(calls, topics, identified), [...events, 'transaction', 'isIdempotent'])
    },
    consumer(options) {
      const { groupId, sessionTimeout = 30_000, heartbeatInterval = 3_000, ...rest } = options ?? {}
      if (typeof groupId !== 'string' || groupId === '')
        throw new SetupError(`consumer(): groupId is ${foundWords(groupId)}; give the name of a group.`)
      assertOptions('consumer()', rest, ['rebalanceTimeout', 'maxWaitTimeInMs', ...usualOfConsumers])
      assertNumber('consumer(): sessionTimeout', sessionTimeout, 'milliseconds above 0')
      assertNumber('consumer(): heartbeatInterval', heartbeatInterval, 'milliseconds above 0')
      const { rebalanceTimeout = 60_000, maxWaitTimeInMs = 5_000 } = rest
      if (current() === undefined)
        throw new Error('consumer(): make it where its process starts: worker(() => { kafka.consumer(...) }).')
      const membership = { groupId, sessionTimeout, heartbeatInterval, rebalanceTimeout, maxWaitTimeInMs }
      const consumer = kafkaConsumer(calls, Object.keys(topics), membership, identity(groupId))
      return refusing('consumer', consumer, [...events, 'seek', 'pause', 'resume', 'paused', 'describeGroup'])
    },
  }
  return refusing('kafka', cluster, ['admin', 'logger'])
}

const events = ['on', 'events', 'logger']

/** Options of kafkajs that mean nothing here. */
const usualOfProducers = [
  'allowAutoTopicCreation',
  'maxInFlightRequests',
  'retry',
  'createPartitioner',
  'metadataMaxAge',
]
const usualOfConsumers = [
  'allowAutoTopicCreation',
  'maxBytes',
  'maxBytesPerPartition',
  'maxInFlightRequests',
  'metadataMaxAge',
  'minBytes',
  'partitionAssigners',
  'rackId',
  'readUncommitted',
  'retry',
]
