// A consumer group as its coordinator keeps it: who is in it, who has which partition, and what is committed. A member
// that joins waits until all others have joined again, or have been silent for too long. Must not know how its members
// are reached.
// https://kafka.apache.org/protocol#The_Messages_JoinGroup

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** What a member gets when it has joined: its partitions, each with the offset from which it reads. */
export interface KafkaAssignment {
  readonly generation: number
  readonly partitions: readonly (TopicPartition & { readonly offset: number })[]
}

/** What a member reads, by topic: where it begins what nobody of its group has committed. */
export type WantedTopics = Readonly<Record<string, 'beginning' | 'end'>>

/** A topic, for its groups. */
export interface GroupTopics {
  partitionsOf(topic: string): number
  /** The offset behind the last message. */
  endOf(partition: TopicPartition): number
  /** Messages are skipped: their group begins behind them. */
  skipped(partition: TopicPartition, count: number): void
}

/** Why a member has to join again. In Kafka's words. */
export type GroupError = 'REBALANCE_IN_PROGRESS' | 'UNKNOWN_MEMBER_ID' | 'ILLEGAL_GENERATION'

interface Member {
  readonly id: string
  wanted: WantedTopics
  /** It waits for the end of the rebalance; undefined while it works. */
  joined: ((assignment: KafkaAssignment) => void) | undefined
}

export class ConsumerGroup {
  readonly #topics: GroupTopics
  readonly #members = new Map<string, Member>()
  readonly #committed = new Map<string, number>()
  #generation = 0
  #isRebalancing = false

  constructor(topics: GroupTopics) {
    this.#topics = topics
  }

  /** A member joins, or joins again. `done`: called once all have. */
  join(id: string, wanted: WantedTopics, done: (assignment: KafkaAssignment) => void): void {
    const member = this.#members.get(id) ?? { id, wanted, joined: undefined }
    this.#members.set(id, member)
    member.wanted = wanted
    member.joined = done
    this.#isRebalancing = true
    this.#complete()
  }

  /** A member leaves, or was silent for too long. */
  remove(id: string): void {
    if (!this.#members.delete(id)) return
    this.#isRebalancing = this.#members.size > 0
    this.#complete()
  }

  /** Why a member must join again; undefined where all is well. */
  errorOf(id: string, generation: number): GroupError | undefined {
    if (!this.#members.has(id)) return 'UNKNOWN_MEMBER_ID'
    if (generation !== this.#generation) return 'ILLEGAL_GENERATION'
    return this.#isRebalancing ? 'REBALANCE_IN_PROGRESS' : undefined
  }

  /** A member that belongs to the group still commits while others join; one of an older generation does not. */
  commit(
    id: string,
    generation: number,
    offsets: readonly (TopicPartition & { readonly offset: number })[],
  ): GroupError | undefined {
    const error = this.errorOf(id, generation)
    if (error !== undefined && error !== 'REBALANCE_IN_PROGRESS') return error
    for (const { topic, partition, offset } of offsets) this.#committed.set(`${topic} ${partition}`, offset)
    return undefined
  }

  #complete(): void {
    const members = [...this.#members.values()]
    if (members.length === 0 || members.some(({ joined }) => joined === undefined)) return
    this.#isRebalancing = false
    this.#generation += 1
    const shares = this.#assign(members)
    for (const [index, member] of members.entries()) {
      const { joined } = member
      member.joined = undefined
      joined?.({ generation: this.#generation, partitions: shares[index] ?? [] })
    }
  }

  /** Partitions in turn, to those who want their topic. */
  #assign(members: readonly Member[]): readonly KafkaAssignment['partitions'][] {
    const shares = members.map((): (TopicPartition & { readonly offset: number })[] => [])
    const topics = [...new Set(members.flatMap(({ wanted }) => Object.keys(wanted)))].sort()
    let turn = 0
    for (const topic of topics) {
      const wanting = members.flatMap(({ wanted }, index) => (topic in wanted ? [index] : []))
      for (let partition = 0; partition < this.#topics.partitionsOf(topic); partition++) {
        const index = wanting[turn % wanting.length] ?? 0
        const offset = this.#begin({ topic, partition }, members[index]?.wanted[topic])
        shares[index]?.push({ topic, partition, offset })
        turn += 1
      }
    }
    return shares
  }

  #begin(place: TopicPartition, from: 'beginning' | 'end' | undefined): number {
    const committed = this.#committed.get(`${place.topic} ${place.partition}`)
    if (committed !== undefined) return committed
    const end = from === 'end' ? this.#topics.endOf(place) : 0
    if (end > 0) this.#topics.skipped(place, end)
    return end
  }
}
