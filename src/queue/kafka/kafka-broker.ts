// The brokers of a Kafka cluster in a running history: logs, groups, and the calls that clients make, as the methods of
// a port. One node stands for all of them, and never crashes.
import { SetupError } from '../../simulate/setup-error.ts'
import { suggestion } from '../../plain/suggestion.ts'
import type { Context, VirtualTimer } from '../../simulate/context.ts'
import type { World } from '../../simulate/world.ts'
import { running } from '../../transport/provide.ts'
import { isAtWork } from './at-work.ts'
import {
  ConsumerGroup,
  type GroupError,
  type KafkaAssignment,
  type TopicPartition,
  type WantedTopics,
} from './consumer-group.ts'
import { PartitionLog, type LoggedMessage, type ProducerSequence } from './partition-log.ts'

/** A member of a group, and the generation that it knows. */
export interface MemberAt {
  readonly group: string
  readonly member: string
  readonly generation: number
}

/** What a client asks for. A type that a port can wrap: its methods are asynchronous. */
export interface KafkaCalls {
  produce(
    to: TopicPartition,
    messages: readonly Omit<LoggedMessage, 'atMs'>[],
    by?: ProducerSequence,
    wait?: Waits,
  ): Promise<number>
  fetch(
    from: readonly (TopicPartition & { readonly offset: number })[],
    maxWaitMs: number,
    wait?: Waits,
  ): Promise<readonly (TopicPartition & { readonly offset: number; readonly messages: readonly LoggedMessage[] })[]>
  join(who: Omit<MemberAt, 'generation'> & JoinOptions, wait?: Waits): Promise<KafkaAssignment>
  heartbeat(who: MemberAt, wait?: Waits): Promise<GroupError | undefined>
  commit(
    who: MemberAt,
    offsets: readonly (TopicPartition & { readonly offset: number })[],
    wait?: Waits,
  ): Promise<GroupError | undefined>
  leave(who: MemberAt, wait?: Waits): Promise<void>
}

/** How long the client waits for an answer. */
export interface Waits {
  readonly signal: AbortSignal
}

interface JoinOptions {
  readonly topics: WantedTopics
  readonly sessionMs: number
}

/** The most messages of one partition that a fetch gives. */
const mostMessages = 100

interface Cluster {
  readonly logs: Map<string, readonly PartitionLog[]>
  readonly groups: Map<string, ConsumerGroup>
  /** Ends the membership of who is silent. */
  readonly sessions: Map<string, { readonly ms: number; timer: VirtualTimer }>
  readonly waiting: Set<() => void>
}

/** The calls of a cluster with these topics; its state is that of the history in which they are made. */
export function kafkaCalls(topics: Readonly<Record<string, number>>): KafkaCalls {
  const clusters = new WeakMap<World, Cluster>()
  const here = (): { readonly context: Context; readonly world: World; readonly cluster: Cluster } => {
    const context = running()
    const world = context.host as World // the only Host that lends contexts is a World
    const cluster = clusters.get(world) ?? newCluster(topics)
    clusters.set(world, cluster)
    return { context, world, cluster }
  }
  const logOf = ({ topic, partition }: TopicPartition): PartitionLog => {
    const { world, cluster } = here()
    const log = cluster.logs.get(topic)?.[partition]
    if (log !== undefined) return log
    const error = unknownTopic(topic, partition, topics)
    world.fail(error)
    throw error
  }
  const newGroup = (name: string): ConsumerGroup =>
    new ConsumerGroup({
      partitionsOf: (topic) => topics[topic] ?? 0,
      endOf: (place) => logOf(place).end,
      skipped({ topic, partition }, count) {
        const { context, world } = here()
        const skips = `${name} begins behind ${messagesWords(count)} of partition ${partition} of "${topic}"`
        world.printed(
          context,
          skips,
          `${skips}, since nothing was committed there, and a group begins at the end of a topic then: ` +
            'subscribe({ topics, fromBeginning: true })',
        )
      },
    })
  const groupOf = (name: string): ConsumerGroup => {
    const { groups } = here().cluster
    const group = groups.get(name) ?? newGroup(name)
    groups.set(name, group)
    return group
  }
  /** A member was heard of. */
  const heard = ({ group, member }: Omit<MemberAt, 'generation'>, sessionMs?: number): void => {
    const { context, world, cluster } = here()
    const id = `${group} ${member}`
    const known = cluster.sessions.get(id)
    known?.timer.cancel()
    const ms = sessionMs ?? known?.ms
    if (ms === undefined) return
    const silent = (): void => {
      cluster.sessions.delete(id)
      const silence = `${member} was silent for ${ms / 1_000} s`
      world.printed(
        context,
        `${silence}, and is in ${group} no more`,
        isAtWork(world, member)
          ? `${silence}, since its handler had not returned, so the group ${group} gave its partitions to another: ` +
              'call heartbeat() while a message is worked on, let it end, or give sessionTimeout more'
          : undefined,
      )
      world.lasso.changed()
      groupOf(group).remove(member)
    }
    cluster.sessions.set(id, { ms, timer: context.host.arm(context, ms, silent, false) })
  }
  return {
    async produce(to, messages, by) {
      const { world, cluster } = here()
      const log = logOf(to)
      const before = log.end
      const offset = log.append(
        messages.map((message) => ({ ...message, atMs: world.nowMs })),
        by,
      )
      if (log.end > before) world.lasso.changed()
      for (const wake of [...cluster.waiting]) wake()
      return offset
    },
    async fetch(from, maxWaitMs) {
      const { context, cluster } = here()
      const found = (): Awaited<ReturnType<KafkaCalls['fetch']>> =>
        from.flatMap(({ topic, partition, offset }) => {
          const messages = logOf({ topic, partition }).from(offset, mostMessages)
          return messages.length === 0 ? [] : [{ topic, partition, offset, messages }]
        })
      const now = found()
      if (now.length > 0) return now
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          if (!from.some((one) => logOf(one).end > one.offset)) return
          limit.cancel()
          over()
        }
        const over = (): void => {
          cluster.waiting.delete(wake)
          resolve()
        }
        const limit = context.host.arm(context, maxWaitMs, over, false)
        cluster.waiting.add(wake)
      })
      return found()
    },
    async join({ group, member, topics: wanted, sessionMs }) {
      for (const topic of Object.keys(wanted)) logOf({ topic, partition: 0 })
      const { world, cluster } = here()
      cluster.sessions.get(`${group} ${member}`)?.timer.cancel() // who waits for the others is not silent
      return new Promise((resolve) => {
        groupOf(group).join(member, wanted, (assignment) => {
          heard({ group, member }, sessionMs)
          world.lasso.changed()
          resolve(assignment)
        })
      })
    },
    async heartbeat(who) {
      const error = groupOf(who.group).errorOf(who.member, who.generation)
      if (error !== 'UNKNOWN_MEMBER_ID') heard(who)
      return error
    },
    async commit(who, offsets) {
      const error = groupOf(who.group).commit(who.member, who.generation, offsets)
      if (error !== undefined) return error
      heard(who)
      const { world } = here()
      if (offsets.length > 0) world.lasso.changed()
      for (const one of offsets) {
        const log = logOf(one)
        world.notes.push({
          event: -1,
          get text() {
            return JSON.stringify(log.from(0, one.offset))
          },
          ifMissing:
            `${who.group} committed the offset of this message in "${one.topic}" without its work: commit it ` +
            '(return, resolveOffset, commitOffsets) only when that is done',
        })
      }
      return undefined
    },
    async leave({ group, member }) {
      const { cluster } = here()
      cluster.sessions.get(`${group} ${member}`)?.timer.cancel()
      cluster.sessions.delete(`${group} ${member}`)
      groupOf(group).remove(member)
    },
  }
}

function messagesWords(count: number): string {
  return count === 1 ? 'one message' : `${count} messages`
}

function newCluster(topics: Readonly<Record<string, number>>): Cluster {
  const logs = new Map(
    Object.entries(topics).map(([topic, count]) => [topic, Array.from({ length: count }, () => new PartitionLog())]),
  )
  return { logs, groups: new Map(), sessions: new Map(), waiting: new Set() }
}

function unknownTopic(topic: string, partition: number, topics: Readonly<Record<string, number>>): SetupError {
  const count = topics[topic]
  return new SetupError(
    count === undefined
      ? `kafkaCluster(): there is no topic "${topic}"${suggestion(topic, Object.keys(topics))}`
      : `kafkaCluster(): "${topic}" has the partitions 0 to ${count - 1}, and ${partition} was asked for.`,
  )
}
