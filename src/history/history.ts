// The history: what happened, as an ordered list of plain events. The hub between simulating and checking.
// Knows the words of Herlihy and Wing, and of Jepsen: invoke, ok, fail, info. Must not know who simulates or checks.
import type { Address } from '../scenario/address.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import type { Unfinished } from './unfinished.ts'

interface EventHeader {
  /** Position in the history, from 0. */
  readonly seq: number
  /** Virtual time since the start, in milliseconds. */
  readonly atMs: number
  /** Where it happened: a node, an outside host, a store, or `client#0`. */
  readonly node: string
  /** `seq` of the event that caused it, or -1. */
  readonly cause: number
}

/** A client begins an operation. */
export interface Invoke extends EventHeader {
  readonly kind: 'invoke'
  readonly invocation: number
  readonly operation: string
  readonly client: number
  readonly input: unknown
  /** Which part of the state it is about, where a recorded history says so beside the input. */
  readonly key?: string | number
}

/** The client tries (1 for the first try). */
export interface Attempt extends EventHeader {
  readonly kind: 'attempt'
  readonly invocation: number
  readonly attempt: number
}

/** One attempt's end, when another follows: what the client saw. */
export interface AttemptEnd extends EventHeader {
  readonly kind: 'attempt-end'
  readonly invocation: number
  readonly attempt: number
  readonly outcome: 'fail' | 'info'
  /** `timeout`, `status 503`, `refused`, `reset`, `error`: never engine text. */
  readonly why: string
}

/**
 * The client's operation ends. `ok`: it was answered, done. `fail`: it certainly did not happen.
 * `info`: nobody knows; it may have happened, once, at any later time.
 */
export interface Completion extends EventHeader {
  readonly kind: 'ok' | 'fail' | 'info'
  readonly invocation: number
  readonly operation: string
  readonly client: number
  /** What the operation returned; for a Response `{ status, body }`. */
  readonly value?: unknown
  /** Why it is not ok: `timeout`, `status 409`, `refused`, `reset`, `error`. */
  readonly why?: string
  /** A recorded history: reads of `null` in the value may have returned anything. @default false */
  readonly isNilUnknown?: true
}

/** A leg of a call leaves. */
export interface Send extends EventHeader {
  readonly kind: 'send'
  readonly address: Address
  /** For a reply: `seq` of the request's send; for a request -1. */
  readonly request: number
  /** A copy made by a duplicate fault: 1 for the first copy; 0 for the original. */
  readonly copy: number
  /** HTTP status of a reply; 0 for a request. */
  readonly status: number
  /** A request's `traceparent` header as it was sent (W3C Trace Context); absent where it had none. */
  readonly trace?: string
}

/** A leg of a call arrives. `late`: nobody waits for it any more. */
export interface Arrive extends EventHeader {
  readonly kind: 'arrive'
  readonly message: number
  readonly late: boolean
  /** A request: which of its node's instances takes it, from 1. Absent where there is one. */
  readonly instance?: number
}

/**
 * A leg of a call will never arrive: a fault took it (`cut`: a partition that had begun before or with it), its node is
 * down, or its caller's own limit ended the wait.
 */
export interface Lost extends EventHeader {
  readonly kind: 'lost'
  readonly message: number
  readonly why: 'lost' | 'hang' | 'refused' | 'down' | 'timeout' | 'reset' | 'cut'
}

/** A call on a store, at the moment it took effect. */
export interface StoreCall extends EventHeader {
  readonly kind: 'store'
  readonly address: Address
  readonly write: boolean
  /** A write inside an open transaction counts only when that commits. */
  readonly open: boolean
}

/**
 * A committed change of the world: a `requests` or `journal` effect. `rows` effects are annotations, see {@link
 * Reading}.
 */
export interface EffectEvent extends EventHeader {
  readonly kind: 'effect'
  readonly effect: string
  readonly value: unknown
}

/** A node starts, crashes, stops for a while, goes on. */
export interface NodeEvent extends EventHeader {
  readonly kind: 'boot' | 'crash' | 'pause' | 'resume'
  /** 1 for the first life of the node, or of its instance. */
  readonly incarnation: number
  /** Which of the node's instances, from 1. Absent where there is one. */
  readonly instance?: number
  /** Crash: what stopped it. */
  readonly why?: 'fault' | 'uncaught exception' | 'unhandled rejection' | 'boot failed'
}

/** A handler threw, so that its server answered 500 for it. */
export interface Threw extends EventHeader {
  readonly kind: 'threw'
  /** The error's class, never its text. */
  readonly error: string
}

/** A fault of the plan fired. */
export interface FaultEvent extends EventHeader {
  readonly kind: 'fault'
  readonly fault: Fault
}

/**
 * All faults are over: the plan is disarmed, hung connections reset, paused nodes go on, nodes that are down restarted.
 */
export interface Heal extends EventHeader {
  readonly kind: 'heal'
}

/** The history is over. `quiet`: nothing more would change by itself; otherwise the bound that was reached. */
export interface End extends EventHeader {
  readonly kind: 'end'
  readonly reason: 'quiet' | 'recoverForMs' | 'maxSteps'
  /** What was still open then. Absent where nothing was. */
  readonly left?: readonly Unfinished[]
}

/** What happened. A union discriminated by `kind`. */
export type HistoryEvent =
  | Invoke
  | Attempt
  | AttemptEnd
  | Completion
  | Send
  | Arrive
  | Lost
  | StoreCall
  | EffectEvent
  | NodeEvent
  | Threw
  | FaultEvent
  | Heal
  | End

/**
 * Effects read from the truth by `rows`. An annotation: outside the history's bytes and hash.
 * `atMs` and `event` are there only where the reading was repeated after every commit.
 */
export interface Reading {
  readonly effect: string
  readonly value: unknown
  readonly atMs?: number
  /** `seq` of the event after which it was first seen. */
  readonly event?: number
  /** Of a view: whose. */
  readonly node?: string
}

/** That a client's view was read, also where it showed nothing: see `actor(...).reads`. */
export interface View {
  readonly effect: string
  readonly node: string
}

/** All rows of one effect, directly after a commit. An annotation, as {@link Reading} is. */
export interface Snapshot {
  readonly effect: string
  readonly rows: readonly unknown[]
  readonly atMs: number
  /** `seq` of the commit; -1 for what was there before anything happened. */
  readonly event: number
}

/** Text for people that must stay outside the bytes: error messages, stacks, notes of a store. */
export interface Note {
  readonly event: number
  readonly text: string
}

/** Random numbers that code under test drew in one step: how many, and a hash of them. */
export interface Draws {
  /** `seq` of the event that followed. */
  readonly before: number
  readonly node: string
  readonly count: number
  readonly hash: number
}

/** A history: events in order, with the annotations that are outside its bytes. */
export interface History {
  readonly events: readonly HistoryEvent[]
  /** Absent where nobody watched the random numbers, as in a recorded history. */
  readonly draws?: readonly Draws[]
  readonly readings: readonly Reading[]
  /** Rows after each commit, in order, of effects that ask for it (`everyCommit`). Absent where none does. */
  readonly snapshots?: readonly Snapshot[]
  /** The views that were read; their values stand in `readings`. @default none */
  readonly views?: readonly View[]
  readonly notes: readonly Note[]
  /** False where a recorded history has no times: only the order of each client's own operations is known. @default true */
  readonly timed?: boolean
}

/** How operations ended, in order. */
export function completionsOf({ events }: Pick<History, 'events'>): readonly Completion[] {
  return events.filter(
    (event): event is Completion => event.kind === 'ok' || event.kind === 'fail' || event.kind === 'info',
  )
}

/** Operations that were begun and have not ended. */
export function pendingIn(history: Pick<History, 'events'>): readonly Invoke[] {
  const ended = new Set(completionsOf(history).map(({ invocation }) => invocation))
  return history.events.filter((event): event is Invoke => event.kind === 'invoke' && !ended.has(event.invocation))
}
