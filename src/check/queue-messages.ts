// Messages: what was given to a queue and what came out of it, from operations and effects with keys or from the acts
// of a recorded history. Must not know what is expected of a queue.
import type { Act } from '../history/act.ts'
import type { Key, KeyedEffect } from '../history/effect.ts'
import type { History } from '../history/history.ts'
import type { InterpretedOperation, KeyedOperation } from '../system/operation.ts'
import { attemptsOf, conventionalAct, type Attempted } from './acts.ts'
import { joinByKey } from './at-least-once.ts'
import { isNew } from './by-key.ts'
import { isQuiet, type Call } from './calls.ts'
import { identityOf } from './content.ts'
import { callAt, shown } from './reason-words.ts'
import { UnknownActError } from './unknown-act.ts'

/** One time that a message came out: at some moment between two events. */
export interface Reception {
  readonly value: unknown
  /** Undefined where nobody knows when: a row that was read at the end. */
  readonly between: readonly [from: number, to: number] | undefined
  readonly atMs: number | undefined
}

/** A message: what one key, or one value, is about. */
export interface QueueMessage {
  readonly key: unknown
  /** Operations that gave it to the queue, or may have. */
  readonly sent: readonly Call[]
  readonly failed: readonly Call[]
  readonly received: readonly Reception[]
  /** It had come out when the history began: it is not missing. */
  readonly hadComeOut?: boolean
}

/** All messages, and what is known of those that never came out. */
export interface QueueMessages {
  readonly messages: readonly QueueMessage[]
  readonly sending: string
  readonly receiving: string
  /** Whether it would have come out by the end, had it not been lost. */
  isOver(message: QueueMessage): boolean
  /**
   * How many may have come out unseen: operations that take one, and of which nobody knows what they took. Infinity
   * where one may have taken all.
   */
  readonly unseen: number
}

/** An operation that sends, and an effect of receptions, keyed alike. */
export function keyedMessages(
  history: History,
  operation: KeyedOperation<Key>,
  effect: KeyedEffect<Key>,
): QueueMessages {
  const { calls, effects } = joinByKey(history, operation, effect)
  const keys = new Set([...calls.keys(), ...effects.keys()])
  const quiet = isQuiet(history)
  return {
    messages: Array.from(keys, (key) => {
      const seen = effects.get(key) ?? []
      return {
        key,
        ...bySuccess(calls.get(key) ?? []),
        hadComeOut: !seen.every(isNew),
        received: seen.filter(isNew).map(({ value, atMs, event }) => ({
          value,
          atMs,
          between: event === undefined ? undefined : ([event, event] as const),
        })),
      }
    }),
    sending: operation.name,
    receiving: effect.name,
    isOver: () => quiet,
    unseen: 0,
  }
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
 * Acts `enqueue`, `dequeue` and `drain`: a message is its value. What was in the queue before a drain has come out by
 * its end.
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

/** What an act took out of the queue. @throws where it is no act of a queue, or drained no list */
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
