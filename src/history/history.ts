// The history: what happened, as an ordered list of plain events. The hub between simulating and checking.
// Knows the words of Herlihy and Wing, and of Jepsen: invoke, ok, fail, info. Must not know who simulates or checks.
import type { Address } from '../scenario/address.ts'
import type { Leftovers } from './leftover.ts'
import type { ProcessEnd } from './process-end.ts'
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
  /** The process that carries it out: a client; below 0 where a provider does, whose operations overlap. */
  readonly client: number
  readonly input: unknown
  /** The part of the state that it is about, where a recorded history gives it beside the input. */
  readonly key?: string | number
}

/** The client makes an attempt: 1 for the first. */
export interface Attempt extends EventHeader {
  readonly kind: 'attempt'
  readonly invocation: number
  readonly attempt: number
}

/** An attempt ends and another follows: what the client saw. */
export interface AttemptEnd extends EventHeader {
  readonly kind: 'attempt-end'
  readonly invocation: number
  readonly attempt: number
  readonly outcome: 'fail' | 'info'
  /** `timeout`, `status 503`, `refused`, `reset`, `error`. Never the engine's text, which differs between versions. */
  readonly why: string
}

/**
 * The client's operation ends. `ok`: it was done. `fail`: it certainly did not happen. `info`: nobody knows; it may
 * have happened, or may happen once at any later time.
 */
export interface Completion extends EventHeader {
  readonly kind: 'ok' | 'fail' | 'info'
  readonly invocation: number
  readonly operation: string
  readonly client: number
  /** What the operation returned. For a Response `{ status, body }`. */
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
  /** For a reply `seq` of the request's send; for a request -1. */
  readonly request: number
  /** 0 for the original; 1 for the first copy that a duplicate fault made. */
  readonly copy: number
  /** HTTP status of a reply; 0 for a request. */
  readonly status: number
  /** A request's `traceparent` header as it was sent (W3C Trace Context); absent where it had none. */
  readonly trace?: string
  /** How many bytes its body has; of a stream, those that were sent. Absent: it has none, or nobody asked. */
  readonly bytes?: number
}

/** A leg of a call arrives. Its cause is the leg's send. `late`: nobody waits for it any more. */
export interface Arrive extends EventHeader {
  readonly kind: 'arrive'
  readonly late: boolean
  /** For a request, the instance of the node that takes it, from 1. Absent where there is only one. */
  readonly instance?: number
}

/**
 * A request at a node with a `capacity` where no place is free. `waits`: for one; `begins`: it has one now, after it
 * waited; `refused`: it is answered 503, since as many wait as may. Its cause is the request's arrival.
 */
export interface QueueEvent extends EventHeader {
  readonly kind: 'queue'
  readonly step: 'waits' | 'begins' | 'refused'
  /** How many wait before it. Present where it waits. */
  readonly ahead?: number
  /** Nobody waits for its answer any more. Absent where its caller does. */
  readonly left?: true
  /** The instance of the node, from 1. Absent where there is only one. */
  readonly instance?: number
}

/**
 * A leg of a call will never arrive: a fault took it (`cut`: a partition that lasted when it left; `unresolved`: its
 * callee's name led nowhere), its node is down, or its caller stopped waiting. Its cause is the leg's send. If a caller
 * stops waiting before any reply has left, this is recorded for its request.
 */
export interface Lost extends EventHeader {
  readonly kind: 'lost'
  readonly why:
    'lost' | 'hang' | 'refused' | 'unresolved' | 'unreachable' | 'down' | 'timeout' | 'reset' | 'closed' | 'cut'
}

/** A call on a store, at the moment it took effect. */
export interface StoreCall extends EventHeader {
  readonly kind: 'store'
  readonly address: Address
  readonly write: boolean
  /** A write inside an open transaction takes effect only when that commits. */
  readonly open: boolean
  /**
   * `seq` of a change by another process that this read came before, although the change is earlier in the list of
   * events. Absent if the read came after all earlier changes.
   */
  readonly early?: number
}

/** A committed change of the world: a `requests` or `journal` effect. For `rows` effects see {@link Reading}. */
export interface EffectEvent extends EventHeader {
  readonly kind: 'effect'
  readonly effect: string
  readonly value: unknown
}

/** A node starts, crashes or otherwise ends at once, pauses, resumes, or gets a signal. */
export interface NodeEvent extends EventHeader {
  readonly kind: 'boot' | 'crash' | 'pause' | 'resume' | 'signal'
  /** 1 for the first incarnation of the node, or of its instance. */
  readonly incarnation: number
  /** The instance of the node, from 1. Absent where there is only one. */
  readonly instance?: number
  /** For a crash: the cause. */
  readonly why?: 'fault' | 'uncaught exception' | 'unhandled rejection' | 'boot failed' | ProcessEnd
  /** For a boot: of the next version, which a deploy brought; an operator runs the system's `recover`. */
  readonly next?: true
  readonly recovers?: true
  /** Which signal it gets. */
  readonly signal?: 'SIGTERM' | 'SIGINT'
}

/** A handler threw, so its server answered 500. */
export interface Threw extends EventHeader {
  readonly kind: 'threw'
  /** The error's class. Never its text, which differs between versions. */
  readonly error: string
}

/** A fault of the plan fired. */
export interface FaultEvent extends EventHeader {
  readonly kind: 'fault'
  readonly fault: Fault
}

/** All faults are over: the plan is disarmed, hung connections are reset, nodes that are paused or down go on. */
export interface Heal extends EventHeader {
  readonly kind: 'heal'
}

/** The history is over. `quiet`: nothing more would change by itself; otherwise the bound that was reached. */
export interface End extends EventHeader {
  readonly kind: 'end'
  readonly reason: 'quiet' | 'recoverForMs' | 'maxSteps'
  /** What was still open then. Absent where nothing was. */
  readonly left?: readonly Unfinished[]
  /**
   * `seq` of the arrivals of requests that a living node never answered, and whose handler nothing could end any more:
   * neither a timer nor a call of its own. Absent where there were none.
   */
  readonly unanswered?: readonly number[]
}

/** One thing that happened. A union discriminated by `kind`. */
export type HistoryEvent =
  | Invoke
  | Attempt
  | AttemptEnd
  | Completion
  | Send
  | Arrive
  | QueueEvent
  | Lost
  | StoreCall
  | EffectEvent
  | NodeEvent
  | Threw
  | FaultEvent
  | Heal
  | End

/**
 * An effect that `rows` read from a store, or that a view showed. An annotation: outside the history's bytes and hash.
 * `atMs` and `event` are present only where it was read after every commit.
 */
export interface Reading {
  readonly effect: string
  readonly value: unknown
  readonly atMs?: number
  /** `seq` of the event after which it was first seen. */
  readonly event?: number
  /** For a view: the client that showed it. */
  readonly node?: string
  /** It was there before the operations of the history began, and is no effect of an operation. */
  readonly wasThere?: true
}

/** A client's view was read, even if it showed nothing. See `actor(...).reads`. */
export interface View {
  readonly effect: string
  readonly node: string
}

/** All rows of one effect, directly after a commit. An annotation, as {@link Reading} is. */
export interface Snapshot {
  readonly effect: string
  readonly rows: readonly unknown[]
  readonly atMs: number
  /** `seq` of the commit; -1 for the rows that were there at the start. */
  readonly event: number
}

/** Text for people that must stay outside the bytes: error messages, stacks, what a node printed. */
export interface Note {
  readonly event: number
  readonly text: string
  /** A line that a node printed: where, when, the `seq` of the last event until then, and what usually helps there. */
  readonly printed?: { readonly node: string; readonly atMs: number; readonly after: number; readonly hint?: string }
  readonly ifMissing?: string // what helps where something that the text names is missing in the end: no row tells it
}

/** Details of a message or a store call, which are recorded only when a failing history is run for its story. */
export interface CallDetail {
  readonly event: number
  /** The line of the user's code that made the call: `src/shop.ts:31`. Absent where no such line was on the stack. */
  readonly at?: string
  /** The package that made the call, where no line of the user's code was on the stack. */
  readonly inPackage?: string
  /** A hash of the request: equal for requests of equal content. */
  readonly asked?: string
  /** What was given with it: the arguments of a port's method, the parameters of a statement. */
  readonly given?: readonly unknown[]
  /** The key that it is about, in a store with keys. */
  readonly key?: { readonly value: unknown }
  /** What it wrote, in a store with keys. */
  readonly wrote?: { readonly value: unknown }
  /** The result of a read, or of a port's method. */
  readonly gave?: { readonly value: unknown }
  /** The body of an answer, where it is a short text. */
  readonly answer?: string
}

/** The random numbers that code under test drew in one step: their count and a hash of them. */
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
  /** Absent where random numbers were not observed, as in a recorded history. */
  readonly draws?: readonly Draws[]
  readonly readings: readonly Reading[]
  /** Rows after each commit, in order, of effects with `everyCommit`. Absent where there are none. */
  readonly snapshots?: readonly Snapshot[]
  /** The views that were read. Their values are in `readings`. @default none */
  readonly views?: readonly View[]
  readonly notes: readonly Note[]
  /** Only of a failing history, as the last one that is run. @default none */
  readonly details?: readonly CallDetail[]
  /** What processes had opened and left open at the end. Only where an invariant asks for it. @default not known */
  readonly leftovers?: Leftovers
  /** False where a recorded history has no times, and only each client's own order is known. @default true */
  readonly timed?: boolean
}

/** How operations ended, in order. */
export function completionsOf({ events }: Pick<History, 'events'>): readonly Completion[] {
  return events.filter((one): one is Completion => one.kind === 'ok' || one.kind === 'fail' || one.kind === 'info')
}

/** Operations that have begun and not ended. */
export function pendingIn(history: Pick<History, 'events'>): readonly Invoke[] {
  const ended = new Set(completionsOf(history).map(({ invocation }) => invocation))
  return history.events.filter((event): event is Invoke => event.kind === 'invoke' && !ended.has(event.invocation))
}
