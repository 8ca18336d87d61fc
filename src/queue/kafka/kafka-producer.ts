// A producer in kafkajs' shape. Its calls are tried again, so that a lost answer writes twice, unless it is idempotent.
// https://kafka.js.org/docs/producing
import { hash32 } from '../../plain/random.ts'
import { foundWords } from '../../plain/options.ts'
import type { Life } from '../../simulate/context.ts'
import { running } from '../../transport/provide.ts'
import { headersOf, textOf, tried } from './kafka-client.ts'
import type { KafkaCalls } from './kafka-broker.ts'
import type { ProducerSequence } from './partition-log.ts'

/** A message as a producer sends it. */
export interface KafkaSentMessage {
  readonly key?: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly partition?: number
  readonly headers?: Readonly<Record<string, unknown>>
  readonly timestamp?: string
}

/** What is sent in one call: as many messages of one topic. */
export interface KafkaRecord {
  readonly topic: string
  readonly messages: readonly KafkaSentMessage[]
  readonly acks?: number
  readonly timeout?: number
}

/** A producer. */
export interface KafkaProducer {
  connect(): Promise<void>
  disconnect(): Promise<void>
  send(record: KafkaRecord): Promise<KafkaRecordMetadata[]>
  sendBatch(batch: { readonly topicMessages: readonly KafkaRecord[] }): Promise<KafkaRecordMetadata[]>
}

/** Where messages went. */
export interface KafkaRecordMetadata {
  readonly topicName: string
  readonly partition: number
  readonly errorCode: number
  readonly baseOffset: string
}

/** What a producer remembers in one process. */
interface ProducerMemory {
  readonly id: string | undefined
  /** How often it has written to each partition. */
  readonly written: Map<string, number>
  turn: number
}

/** Makes a producer. `identity`: undefined where a message may be written twice; else what no other producer has. */
export function kafkaProducer(
  calls: KafkaCalls,
  topics: Readonly<Record<string, number>>,
  identity: (() => string) | undefined,
): KafkaProducer {
  const processes = new WeakMap<Life, ProducerMemory>()
  /** What the process that runs now remembers: a producer that a module makes is another one in each of them. */
  const memory = (): ProducerMemory => {
    const { life } = running()
    const process = life.within ?? life
    const known = processes.get(process) ?? { id: identity?.(), written: new Map<string, number>(), turn: 0 }
    processes.set(process, known)
    return known
  }
  const sequenceFor = (topic: string, partition: number): ProducerSequence | undefined => {
    const { id, written } = memory()
    if (id === undefined) return undefined
    const place = `${topic} ${partition}`
    const sequence = written.get(place) ?? 0
    written.set(place, sequence + 1)
    return { producer: id, sequence }
  }
  const partitionOf = (topic: string, { partition, key }: KafkaSentMessage): number => {
    const count = topics[topic] ?? 1
    const text = textOf(key)
    return partition ?? (text === null ? (memory().turn += 1) : hash32(0, text) >>> 0) % count
  }
  const send = async ({ topic, messages }: KafkaRecord): Promise<KafkaRecordMetadata[]> => {
    if (!Array.isArray(messages))
      throw new TypeError(`producer.send(): messages is ${foundWords(messages)}; give a list: [{ key, value }].`)
    const byPartition = Map.groupBy(messages as readonly KafkaSentMessage[], (one) => partitionOf(topic, one))
    const sent = [...byPartition].map(async ([partition, own]) => {
      const by = sequenceFor(topic, partition)
      const texts = own.map(({ key, value, headers }) => {
        return { key: textOf(key), value: textOf(value), headers: headersOf(headers) }
      })
      const offset = await tried((waits) => calls.produce({ topic, partition }, texts, by, waits))
      return { topicName: topic, partition, errorCode: 0, baseOffset: String(offset) }
    })
    return Promise.all(sent)
  }
  return {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    send,
    sendBatch: async ({ topicMessages }) => (await Promise.all(topicMessages.map(send))).flat(),
  }
}
