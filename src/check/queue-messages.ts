// Messages: what was sent to a queue and what was received, derived from operations and effects with keys, or from the
// acts of a recorded history. Must not know what is expected of a queue.
import type { Act } from '../history/act.ts'
import type { Key, KeyedEffect } from '../history/effect.ts'
import type { History, Snapshot } from '../history/history.ts'
import type { InterpretedOperation, KeyedOperation } from '../system/operation.ts'
import { attemptsOf, conventionalAct, type Attempted } from './acts.ts'
import { joinByKey } from './at-least-once.ts'
import { isNew, keyFor } from './by-key.ts'
import { isQuiet, type Call } from './calls.ts'
import { identityOf } from './content.ts'
import { callAt, shown } from './reason-words.ts'
import { snapshotsOf } from './snapshots.ts'
import { UnknownActError } from './unknown-act.ts'

/** One reception of a message, at some moment between two events. */
export interface Reception {
  readonly value: unknown
  /** Undefined if the moment is not known, as for a row that was read at the end. */
  readonly between: readonly [from: number, to: number] | undefined
  readonly atMs: number | undefined
}

/** A message, identified by its key or value. */
export interface QueueMessage {
  readonly key: unknown
  /** Operations that sent it, or may have sent it. */
  readonly sent: readonly Call[]
  readonly failed: readonly Call[]
  readonly received: readonly Reception[]
  /** It was received before the history began, so it is not missing. */
  readonly hadComeOut?: boolean
}

/** All messages, and how to judge those that were never received. */
export interface QueueMessages {
  readonly messages: readonly QueueMessage[]
  readonly sending: string
  readonly receiving: string
  /** Whether the message would have been received by the end if it had not been lost. */
  isOver(message: QueueMessage): boolean
  /**
   * How many messages may have been taken by operations whose result is not known. Infinity if one of these may have
   * taken any number.
   */
  readonly unseen: number
}

/** The messages of an operation that sends and an effect for receptions, with the same keys. */
export function keyedMessages(
  history: History,
  operation: KeyedOperation<Key>,
  effect: KeyedEffect<Key>,
): QueueMessages {
  const { calls, effects } = joinByKey(history, operation, effect)
  const keys = new Set([...calls.keys(), ...effects.keys()])
  const quiet = isQuiet(history)
  const first = firstSeen(history, effect)
  return {
    messages: Array.from(keys, (key) => {
      const seen = effects.get(key) ?? []
      return {
        key,
        ...bySuccess(calls.get(key) ?? []),
        hadComeOut: !seen.every(isNew),
        received: seen.filter(isNew).map((one, index) => {
          const { atMs, event } = (index === 0 ? first.get(key) : undefined) ?? one
          return { value: one.value, atMs, between: event === undefined ? undefined : ([event, event] as const) }
        }),
      }
    }),
    sending: operation.name,
    receiving: effect.name,
    isOver: () => quiet,
    unseen: 0,
  }
}

/** When each key had its first row, where rows were read after every commit: a row that changes is none that is new. */
function firstSeen(history: History, effect: KeyedEffect<Key>): ReadonlyMap<Key, Pick<Snapshot, 'atMs' | 'event'>> {
  const first = new Map<Key, Snapshot>()
  for (const snapshot of snapshotsOf(history, effect.name))
    for (const row of snapshot.rows) {
      const key = keyFor(effect, row)
      if (snapshot.event >= 0 && !first.has(key)) first.set(key, snapshot)
    }
  return first
}

function bySuccess(calls: readonly Call[]): Pick<QueueMessage, 'sent' | 'failed'> {
  return {
    sent: calls.filter(({ end }) => end?.kind !== 'fail'),
    failed: calls.filter(({ end }) => end?.kind === 'fail'),
  }
}

interface GrowingMessage extends QueueMessage {
  sent: Call[]
  failed: Call[]
  received: Reception[]
}

/**
 * The messages of acts `enqueue`, `dequeue` and `drain`; the value identifies a message. A message that was in the
 * queue before a drain began is received by the end of the drain.
 */
export function actedMessages(
  history: History,
  operations: readonly InterpretedOperation<Act>[] | undefined,
): QueueMessages {
  const messages = new Map<unknown, GrowingMessage>()
  const messageOf = (value: unknown): GrowingMessage => {
    const identity = identityOf(value)
    const message = messages.get(identity) ?? { key: value, sent: [], failed: [], received: [] }
    messages.set(identity, message)
    return message
  }
  const acts = attemptsOf(history, operations, conventionalAct)
  for (const one of acts) {
    if (one.act.f === 'enqueue') messageOf(one.act.input)[one.fate === 'failed' ? 'failed' : 'sent'].push(one.call)
    else for (const value of taken(one)) messageOf(value).received.push(reception(value, one.call))
  }
  const lastDrain = acts.findLast(({ act, fate }) => act.f === 'drain' && fate === 'ok')?.call.invoke.seq ?? -1
  return {
    messages: Array.from(messages.values()),
    sending: 'enqueue',
    receiving: 'dequeue',
    isOver: ({ sent }) => sent.some(({ end }) => end?.kind === 'ok' && end.seq < lastDrain),
    unseen: acts.reduce(
      (sum, { act, fate }) =>
        sum +
        (fate === 'failed' || (fate === 'ok' && act.output !== undefined)
          ? 0
          : act.f === 'dequeue'
            ? 1
            : act.f === 'drain'
              ? Infinity
              : 0),
      0,
    ),
  }
}

/**
 * The messages that an act took out of the queue. @throws if it is not an act of a queue, or a drain returned no list
 */
function taken({ act, call, fate }: Attempted<Act>): readonly unknown[] {
  if (act.f !== 'dequeue' && act.f !== 'drain') {
    throw new UnknownActError(
      `${callAt(call)} is "${act.f}", which is no act of a queue (have enqueue, dequeue, drain).`,
    )
  }
  if (fate !== 'ok' || act.output === null || act.output === undefined) return []
  if (act.f === 'dequeue') return [act.output]
  if (Array.isArray(act.output)) return act.output
  throw new Error(`${callAt(call)} drained ${shown(act.output)}; give the list of what came out.`)
}

function reception(value: unknown, { invoke, end }: Call): Reception {
  return { value, between: [invoke.seq, end?.seq ?? Infinity], atMs: end?.atMs }
}
