// How far a member has read a partition, and messages as handlers get them. Knows no call.
import { epochMs } from '../../simulate/clock.ts'
import type { TopicPartition } from './consumer-group.ts'
import type { KafkaMessage } from './consumer-shape.ts'
import type { LoggedMessage } from './partition-log.ts'

/** How far a partition was read. */
export class PartitionReading {
  at: TopicPartition & { readonly offset: number }
  isPaused = false
  #committed: number

  constructor(at: TopicPartition & { readonly offset: number }) {
    this.at = at
    this.#committed = at.offset
  }

  /** A message is done. */
  resolve(offset: number): void {
    this.at = { ...this.at, offset: Math.max(this.at.offset, offset + 1) }
  }

  /** What is done and was not told yet. */
  uncommitted(): readonly (TopicPartition & { readonly offset: number })[] {
    if (this.at.offset === this.#committed) return []
    this.#committed = this.at.offset
    return [this.at]
  }
}

/** A message as its handler gets it. */
export function messageOf({ key, value, headers, atMs }: LoggedMessage, offset: number): KafkaMessage {
  return {
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    offset: String(offset),
    timestamp: String(epochMs + atMs),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    attributes: 0,
  }
}
