// A consumer in kafkajs' shape: it joins its group, fetches, hands messages to its handler, and commits what is done.
// When it hears that the group has gone on without it, it joins again. https://kafka.js.org/docs/consuming
import { SetupError } from '../../simulate/setup-error.ts'
import { running } from '../../transport/provide.ts'
import { assertRun, subscribed } from './assert-consumer.ts'
import { setAtWork } from './at-work.ts'
import { tellThrown } from '../core/thrown.ts'
import type { GroupError } from './consumer-group.ts'
import type { KafkaConsumer, KafkaRun } from './consumer-shape.ts'
import type { KafkaCalls, MemberAt } from './kafka-broker.ts'
import { atOnce, backOffMs, requestMs, sleep, tried } from './kafka-client.ts'
import type { LoggedMessage } from './partition-log.ts'
import { messageOf, PartitionReading } from './partition-reading.ts'

/** How a consumer belongs to its group. Times in milliseconds. */
export interface KafkaMembership {
  readonly groupId: string
  readonly sessionTimeout: number
  readonly heartbeatInterval: number
  readonly rebalanceTimeout: number
  readonly maxWaitTimeInMs: number
}

/** The group has gone on without this member, or waits for it. */
class MustJoin extends Error {}

/** Makes a consumer. `topics`: all that there are. `nameOf`: a name for a member that no other has. */
export function kafkaConsumer(
  calls: KafkaCalls,
  topics: readonly string[],
  how: KafkaMembership,
  nameOf: () => string,
): KafkaConsumer {
  const wanted: Record<string, 'beginning' | 'end'> = {}
  let isRunning = false
  let me: MemberAt | undefined
  let heardAtMs = 0

  const checked = (error: GroupError | undefined): void => {
    if (error !== undefined) throw new MustJoin(error)
    heardAtMs = running().host.nowMs
  }
  const heartbeat = async (): Promise<void> => {
    const who = me
    if (who === undefined || running().host.nowMs - heardAtMs < how.heartbeatInterval) return
    setAtWork(running(), who.member, false)
    checked(await tried((waits) => calls.heartbeat(who, waits)))
    setAtWork(running(), who.member, true)
  }
  const commit = async (offsets: Parameters<KafkaCalls['commit']>[1]): Promise<void> => {
    const who = me
    if (who === undefined || offsets.length === 0) return
    checked(await tried((waits) => calls.commit(who, offsets, waits)))
  }

  /** One membership, until the group goes on without it, or the consumer stops. */
  const belong = async (run: KafkaRun): Promise<void> => {
    const member = me?.member ?? nameOf()
    const who = { group: how.groupId, member }
    const joining = { ...who, topics: { ...wanted }, sessionMs: how.sessionTimeout }
    const { generation, partitions } = await tried(
      (waits) => calls.join(joining, waits),
      how.rebalanceTimeout + requestMs,
    )
    me = { ...who, generation }
    heardAtMs = running().host.nowMs
    const read = partitions.map((one) => new PartitionReading(one))
    let failures = 0
    while (isRunning) {
      const from = read.filter(({ isPaused }) => !isPaused).map(({ at }) => at)
      const batches = from.length === 0 ? [] : await tried((waits) => calls.fetch(from, how.maxWaitTimeInMs, waits))
      if (from.length === 0) await sleep(how.maxWaitTimeInMs)
      let anyFailed = false
      await atOnce(batches, run.partitionsConsumedConcurrently ?? 1, async ({ topic, partition, offset, messages }) => {
        const reading = read.find(({ at }) => at.topic === topic && at.partition === partition)
        if (reading?.at.offset === offset && !(await isDone(run, reading, messages, member))) anyFailed = true
      })
      failures = anyFailed ? failures + 1 : 0
      if (failures > 0) await sleep(backOffMs(failures))
      await heartbeat()
      setAtWork(running(), member, false)
    }
  }

  /** Whether a batch is done. Where the handler threw, it is done up to there. */
  const isDone = async (
    run: KafkaRun,
    reading: PartitionReading,
    messages: readonly LoggedMessage[],
    member: string,
  ): Promise<boolean> => {
    let done = true
    setAtWork(running(), member, true)
    try {
      await handle(run, reading, messages)
    } catch (error) {
      if (error instanceof MustJoin) {
        // What was done is told once more, while the others still join
        if (run.autoCommit !== false) await commit(reading.uncommitted())
        throw error
      }
      done = false
      const { topic } = reading.at
      tellThrown(running(), error, `the handler of ${topic}`, `its partition of "${topic}" waits behind this message`)
    }
    setAtWork(running(), member, false)
    if (run.autoCommit !== false) await commit(reading.uncommitted())
    return done
  }

  const handle = async (run: KafkaRun, reading: PartitionReading, logged: readonly LoggedMessage[]): Promise<void> => {
    const { topic, partition, offset } = reading.at
    const messages = logged.map((one, index) => messageOf(one, offset + index))
    const pausing = (): (() => void) => {
      reading.isPaused = true
      return () => {
        reading.isPaused = false
      }
    }
    if (run.eachMessage !== undefined) {
      for (const message of messages) {
        await run.eachMessage({ topic, partition, message, heartbeat, pause: pausing })
        reading.resolve(Number(message.offset))
        await heartbeat()
      }
      return
    }
    const first = messages[0]?.offset ?? null
    const last = String(offset + messages.length - 1)
    const joinedAs = me
    await run.eachBatch?.({
      batch: {
        topic,
        partition,
        messages,
        highWatermark: String(offset + messages.length),
        isEmpty: () => messages.length === 0,
        firstOffset: () => first,
        lastOffset: () => last,
      },
      resolveOffset: (one) => reading.resolve(Number(one)),
      heartbeat,
      commitOffsetsIfNecessary: () => commit(reading.uncommitted()),
      isRunning: () => isRunning,
      isStale: () => me !== joinedAs,
      pause: pausing,
    })
    if (run.eachBatchAutoResolve !== false) reading.resolve(Number(last))
  }

  const loop = async (run: KafkaRun): Promise<void> => {
    for (let failures = 0; isRunning;) {
      try {
        await belong(run)
      } catch (error) {
        if (error instanceof SetupError) throw error
        if (error instanceof MustJoin) {
          failures = 0
          continue
        }
        failures += 1
        await sleep(backOffMs(failures))
      }
    }
  }
  const stop = async (): Promise<void> => {
    isRunning = false
    const who = me
    me = undefined
    if (who !== undefined) await calls.leave(who)
  }
  return {
    connect: () => Promise.resolve(),
    disconnect: stop,
    stop,
    subscribe(to) {
      for (const [topic, from] of subscribed(to, topics)) wanted[topic] = from
      return Promise.resolve()
    },
    run(run) {
      assertRun(run)
      isRunning = true
      void loop(run)
      return Promise.resolve()
    },
    commitOffsets: (offsets) => commit(offsets.map((one) => ({ ...one, offset: Number(one.offset) }))),
  }
}
