// queueDelivery: a queue loses nothing, invents nothing, duplicates little, and keeps the order of each partition. Loss
// is judged only when no message can still come; the rest are safety properties. Must not know how messages are found
// in a history.
import type { Act } from '../history/act.ts'
import type { Key, KeyedEffect } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import { assertOptions } from '../plain/options.ts'
import type { InterpretedOperation, KeyedOperation } from '../system/operation.ts'
import type { Reason } from '../verdict/reason.ts'
import { holds, undecided, unknown, vacuous, type Invariant, type Verdict } from '../verdict/verdict.ts'
import type { Agreeing } from './by-key.ts'
import type { Call } from './calls.ts'
import {
  actedMessages,
  keyedMessages,
  type QueueMessage,
  type QueueMessages,
  type Reception,
} from './queue-messages.ts'
import { list, seconds, seqs, shown, times, without } from './reason-words.ts'

/** What {@link queueDelivery} allows and requires. */
export interface DeliveryLimits<T = unknown> {
  /** How many more times than it was sent a message may be received. @default 0 */
  readonly duplicates?: number
  /**
   * The partition of a message, and its position in it. With it, effects that are rows are read after every commit, as
   * with `everyCommit`.
   *
   * @default order is not checked
   */
  readonly order?: (value: T) => { readonly partition: Key; readonly sequence: number }
}

/**
 * Holds when every message that was sent (answered ok) was received at least once; no message was received that nobody
 * sent, or that was sent only later, or whose sending failed (`thin air`); each message was received at most
 * `duplicates` more times than it was sent; and within a partition, no message was first received certainly after
 * another that has a higher position. A message whose sending has no answer may be received or not.
 *
 * With an operation and an effect that have the same keys, the key identifies a message. With `order`, it is received
 * when it first has an effect; unknown where that has no time, as a row of a store that the system does not have. A
 * message that was never received is lost when nothing is left to do, and unknown when the history ended at a bound.
 * Rows that were there when the history began were received before.
 *
 * With acts, `{ f: 'enqueue', input }`, `{ f: 'dequeue', output }` (`null`: the queue was empty) and `{ f: 'drain',
 * output: [...] }`, the value identifies a message, so values must differ. A message that never came out may still be
 * in the queue (unknown) until a drain that was answered ok began after the message had been enqueued. After that it is
 * lost, unless a dequeue with an unknown result may have taken it: each of those excuses one missing message, and a
 * drain with an unknown result excuses all.
 *
 * Vacuous when nothing was sent ok and nothing was received.
 *
 * Jepsen's `total-queue` checker (jepsen.checker), which calls these lost, unexpected and duplicated; order per
 * partition as Kafka promises it.
 *
 * @param operation keyed by the message that it sends, or the acts of each operation on a queue @default `enqueue`,
 *   `dequeue` and `drain` of a recorded history
 * @param received an effect for each message that is received, with the same keys
 * @throws if `duplicates` is below 0 or NaN; in `check`, if keys are not keys or have no type in common, an act is not
 *   one of a queue, or a position is not a number
 * @example
 * queueDelivery(publish.by((m) => m.id), handled.by((m) => m.id), {
 *   duplicates: 1, order: (m: Message) => ({ partition: m.account, sequence: m.sequence }),
 * })
 * @example
 * queueDelivery([
 *   push.as((job) => ({ f: 'enqueue', input: job.id })),
 *   pop.as((_, job) => ({ f: 'dequeue', output: job })),
 * ])
 */
export function queueDelivery<K extends Key, T = unknown>(
  operation: KeyedOperation<K>,
  received: KeyedEffect<NoInfer<Agreeing<K>>>,
  limits?: DeliveryLimits<T>,
): Invariant
export function queueDelivery<T = unknown>(
  operations?: readonly InterpretedOperation<Act>[],
  limits?: DeliveryLimits<T>,
): Invariant
export function queueDelivery(
  first?: KeyedOperation<Key> | readonly InterpretedOperation<Act>[],
  second?: KeyedEffect<Key> | DeliveryLimits<never>,
  third?: DeliveryLimits<never>,
): Invariant {
  const effect = second !== undefined && 'kind' in second ? second : undefined
  // The cast holds: `order` is called with values that were received
  const limits = limitsOf((effect === undefined ? second : third) as DeliveryLimits | undefined)
  const names =
    first === undefined
      ? ''
      : 'kind' in first
        ? `${first.name}, ${effect?.name}`
        : first.map(({ name }) => name).join(', ')
  return {
    kind: 'invariant',
    name: names === '' ? 'queueDelivery' : `queueDelivery(${names})`,
    effects: effect === undefined ? [] : [effect.source],
    seesCommits: limits.order !== undefined,
    check: (history: History) =>
      judgeQueue(
        limits,
        first !== undefined && 'kind' in first && effect !== undefined
          ? keyedMessages(history, first, effect)
          : actedMessages(history, first === undefined || 'kind' in first ? undefined : first),
      ),
  }
}

interface Limits {
  readonly duplicates: number
  readonly order: DeliveryLimits['order']
}

function limitsOf(limits: DeliveryLimits = {}): Limits {
  assertOptions('queueDelivery()', limits, ['duplicates', 'order'])
  const { duplicates = 0, order } = limits
  if (duplicates >= 0) return { duplicates, order }
  throw new Error(`queueDelivery: duplicates is ${duplicates}; give a number from 0.`)
}

function judgeQueue({ duplicates, order }: Limits, found: QueueMessages): Verdict {
  const { messages, unseen } = found
  const missing = messages.filter(
    ({ sent, received, hadComeOut }) => received.length === 0 && hadComeOut !== true && sent.some(isAccepted),
  )
  const gone = missing.filter((message) => found.isOver(message))
  const reasons = [
    ...messages.flatMap((message) => fromThinAir(found, message)),
    ...messages.flatMap((message) => tooOften(found, message, duplicates)),
    ...(order === undefined ? [] : outOfOrder(messages, order)),
    ...(gone.length > unseen ? gone.map((message) => lost(found, message)) : []),
  ]
  if (reasons.length > 0) return { kind: 'violated', reasons }
  const waiting = missing.filter((message) => !found.isOver(message))
  if (waiting.length > 0)
    return undecided(
      `${shown(waiting[0]?.key)} had not come ` +
        `out${waiting.length > 1 ? `, with ${waiting.length - 1} more` : ''}, and may still be on its way`,
    )
  const untimed = order === undefined ? undefined : messages.find((message) => isUntimed(message))
  if (untimed !== undefined && messages.length > 1)
    return unknown(
      `nobody knows when ${found.receiving} of ${shown(untimed.key)} happened, so its order was not judged: put its ` +
        "store into the system's `stores`, or keep a journal",
    )
  const any = messages.some(({ sent, received }) => received.length > 0 || sent.some(isAccepted))
  return any ? holds : vacuous(`no "${found.sending}" was answered ok and nothing came out`)
}

function isAccepted({ end }: Call): boolean {
  return end?.kind === 'ok'
}

/** A reason for a message that was received before anybody sent it, or that nobody sent. */
function fromThinAir(
  { sending, receiving }: QueueMessages,
  { key, sent, failed, received }: QueueMessage,
): readonly Reason[] {
  const first = sent.reduce((least, { invoke }) => Math.min(least, invoke.seq), Infinity)
  const early = received.filter(({ between }) => (between?.[1] ?? Infinity) < first || first === Infinity)
  if (early.length === 0) return []
  const why =
    sent.length > 0
      ? `before any ${sending} of it`
      : failed.length > 0
        ? `but its ${sending} failed`
        : `but no ${sending} of it was ever invoked`
  return [
    {
      text: `${receiving} of ${shown(key)} happened${when(early)}, ${why}; expected only what was sent.`,
      kind: 'thin-air',
      subject: key,
      events: eventsOf(early, [...sent, ...failed]),
    },
  ]
}

function tooOften(
  { sending, receiving }: QueueMessages,
  { key, sent, received }: QueueMessage,
  duplicates: number,
): readonly Reason[] {
  const most = sent.length + duplicates
  if (sent.length === 0 || received.length <= most) return []
  return [
    {
      text:
        `${receiving} of ${shown(key)} happened ${times(received.length)}${when(received)}, for ${sent.length} ` +
        `${sending}; expected at most ${times(most)}.`,
      kind: 'too-many',
      of: receiving,
      subject: key,
      events: eventsOf(received.slice(most), []),
      against: without(eventsOf(received.slice(0, most), sent), eventsOf(received.slice(most), [])),
    },
  ]
}

function lost({ sending, receiving }: QueueMessages, { key, sent }: QueueMessage): Reason {
  const end = sent.find(isAccepted)?.end
  return {
    text:
      `${sending} of ${shown(key)} was answered ok at ${seconds(end?.atMs ?? 0)}, but ${receiving} of it never ` +
      'happened; expected at least one.',
    kind: 'missing',
    of: receiving,
    subject: key,
    events: eventsOf([], sent),
  }
}

/** The position of a message, and the events between which it was first received. */
interface Sequenced {
  readonly key: unknown
  readonly partition: Key
  readonly sequence: number
  readonly from: number
  readonly to: number
  readonly received: readonly Reception[]
}

function outOfOrder(messages: readonly QueueMessage[], order: NonNullable<Limits['order']>): readonly Reason[] {
  const placed = messages.flatMap((message) => sequenced(message, order))
  return Array.from(Map.groupBy(placed, ({ partition }) => partition).values()).flatMap(overtaken)
}

/** Whether it was received at a moment that is not known. */
function isUntimed({ received }: Pick<QueueMessage, 'received'>): boolean {
  return received.some(({ between }) => between === undefined)
}

function sequenced({ key, received }: QueueMessage, order: NonNullable<Limits['order']>): readonly Sequenced[] {
  const [first] = received
  if (first === undefined || isUntimed({ received })) return []
  const moments = received.flatMap(({ between }) => (between === undefined ? [] : [between]))
  const { partition, sequence } = order(first.value)
  if (!Number.isFinite(sequence))
    throw new Error(`queueDelivery: the sequence of ${shown(first.value)} is ${shown(sequence)}; give a finite number.`)
  const least = (side: 0 | 1): number => moments.reduce((min, moment) => Math.min(min, moment[side]), Infinity)
  return [{ key, partition, sequence, from: least(0), to: least(1), received }]
}

/** A reason for the first message of a partition that was received after one with a higher position. */
function overtaken(partition: readonly Sequenced[]): readonly Reason[] {
  const ended = partition.toSorted((a, b) => a.to - b.to)
  let place = 0
  let furthest: Sequenced | undefined
  for (const message of partition.toSorted((a, b) => a.from - b.from)) {
    for (let next = ended[place]; next !== undefined && next.to < message.from; next = ended[place]) {
      if (furthest === undefined || next.sequence > furthest.sequence) furthest = next
      place += 1
    }
    if (furthest !== undefined && furthest.sequence > message.sequence) return [overtaking(message, furthest)]
  }
  return []
}

function overtaking(late: Sequenced, before: Sequenced): Reason {
  return {
    text:
      `${shown(late.key)} (${late.sequence} of ${shown(late.partition)}) came ` +
      `out${when(late.received.slice(0, 1))}, after ${shown(before.key)} (${before.sequence})` +
      `${when(before.received.slice(0, 1))}; expected the order of its partition.`,
    kind: 'out-of-order',
    subject: late.partition,
    events: eventsOf([...late.received, ...before.received], []),
  }
}

function when(received: readonly Reception[]): string {
  const known = received.flatMap(({ atMs }) => (atMs === undefined ? [] : [`at ${seconds(atMs)}`]))
  const hidden = known.length - 4
  return known.length === 0 ? '' : ` ${list(hidden > 0 ? [...known.slice(0, 4), `${hidden} more`] : known)}`
}

function eventsOf(received: readonly Reception[], calls: readonly Call[]): readonly number[] {
  const moments = received.flatMap(({ between }) => between ?? []).filter(Number.isFinite)
  return [...new Set([...moments, ...seqs([], calls)])].sort((a, b) => a - b)
}
