// The logs of a topic's partitions: messages by offset, in order for ever. A producer with an id writes nothing twice.
// Knows no simulation.

/** A message as it is kept. Key and value are texts. */
export interface LoggedMessage {
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly atMs: number
}

/** Who writes, and its how manieth write to this partition it is, from 0. */
export interface ProducerSequence {
  readonly producer: string
  readonly sequence: number
}

export class PartitionLog {
  readonly #messages: LoggedMessage[] = []
  readonly #written = new Map<string, number>()

  /** The offset of the next message. */
  get end(): number {
    return this.#messages.length
  }

  /** Appends messages, unless the same write was there before. Returns the offset of the first. */
  append(messages: readonly LoggedMessage[], by: ProducerSequence | undefined): number {
    const id = by === undefined ? undefined : `${by.producer} ${by.sequence}`
    const known = id === undefined ? undefined : this.#written.get(id)
    if (known !== undefined) return known
    const first = this.end
    this.#messages.push(...messages)
    if (id !== undefined) this.#written.set(id, first)
    return first
  }

  /** At most so many messages from an offset on. */
  from(offset: number, most: number): readonly LoggedMessage[] {
    return this.#messages.slice(offset, offset + most)
  }
}
