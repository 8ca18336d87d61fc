// What code under test sees of a consumer, in kafkajs' shape. Types only. https://kafka.js.org/docs/consuming
import type { TopicPartition } from './consumer-group.ts'

/** A message as its handler gets it. */
export interface KafkaMessage {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly offset: string
  readonly timestamp: string
  readonly headers: Readonly<Record<string, Buffer>>
  readonly attributes: number
}

/** What `eachMessage` gets. */
export interface KafkaEachMessage extends TopicPartition {
  readonly message: KafkaMessage
  /** Tells the group that its member is alive, if that is due. */
  heartbeat(): Promise<void>
  /** Fetches nothing more of this partition, until what this returns is called. */
  pause(): () => void
}

/** What `eachBatch` gets. */
export interface KafkaEachBatch {
  readonly batch: TopicPartition & {
    readonly messages: readonly KafkaMessage[]
    readonly highWatermark: string
    isEmpty(): boolean
    firstOffset(): string | null
    lastOffset(): string
  }
  /** A message is done: what is committed next goes on behind it. */
  readonly resolveOffset: (offset: string) => void
  heartbeat(): Promise<void>
  commitOffsetsIfNecessary(): Promise<void>
  isRunning(): boolean
  isStale(): boolean
  pause(): () => void
}

/** How a consumer runs. */
export interface KafkaRun {
  readonly eachMessage?: (payload: KafkaEachMessage) => Promise<void>
  readonly eachBatch?: (payload: KafkaEachBatch) => Promise<void>
  /** Whether what is done is committed at the end of each batch. @default true */
  readonly autoCommit?: boolean
  /** Whether a batch whose handler returns is done as a whole. @default true */
  readonly eachBatchAutoResolve?: boolean
  /** How many partitions are worked on at once. A whole number from 1. @default 1 */
  readonly partitionsConsumedConcurrently?: number
  /** Taken, and of no meaning: what is done is committed at the end of each batch. */
  readonly autoCommitInterval?: number | null
  /** Taken, and of no meaning: what is done is committed at the end of each batch. */
  readonly autoCommitThreshold?: number | null
}

/** What a consumer reads. */
export interface KafkaSubscription {
  /** The name of a topic, or what the names of topics match. */
  readonly topic?: string | RegExp
  readonly topics?: readonly (string | RegExp)[]
  /**
   * Whether a partition of which the group has committed nothing is read from its first message on. Otherwise the group
   * begins behind the last message that was there as its member got the partition.
   *
   * @default false, as kafkajs has it
   */
  readonly fromBeginning?: boolean
}

/** A consumer. */
export interface KafkaConsumer {
  connect(): Promise<void>
  disconnect(): Promise<void>
  stop(): Promise<void>
  subscribe(to: KafkaSubscription): Promise<void>
  run(how: KafkaRun): Promise<void>
  commitOffsets(
    offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: string }[],
  ): Promise<void>
}
