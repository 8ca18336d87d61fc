// The context of running code: which node's life it belongs to and what caused it. Carried by AsyncLocalStorage through
// awaits, timers, fetch and bodies. Everything the patched globals need of a simulation is the Host interface here.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { PathStep, Root } from '../scenario/address.ts'
import type { Store } from '../system/store.ts'
import type { Clock } from './clock.ts'
import type { Step } from './scheduler.ts'
import type { StoreAccess } from './store-access.ts'

/**
 * One life of a node (an incarnation), of a client's attempt, or of an outside host. Once dead, nothing of it counts.
 */
export interface Life {
  /** The node's name in the story: `shop`, `client#0`, `api.stripe.com`. */
  readonly node: string
  readonly clock: Clock
  /** Its code is frozen: awaits never settle, effects are refused. Set once, never back. */
  dead: boolean
  /** Stopped for a while: what is addressed to it waits, see held.ts. */
  paused: Paused | undefined
  /** An attempt dies with its client. */
  readonly within?: Life
  /** A client's actors: they die with it, not with an attempt. */
  actors?: Map<symbol, ActorInstance>
  /** 1 for the first life of a node, or of its instance. */
  readonly incarnation: number
  /** Which of its node's instances it runs in, from 1. Absent for clients and outside hosts. */
  readonly instance?: number
}

/** What a client's code made for itself, and lives as long as the client. */
export interface ActorInstance {
  readonly life: Life
  /** What its `boot` gives. */
  state?: Promise<unknown>
  /** The same once it is there, to be looked at. */
  made?: { readonly state: unknown }
}

/** What waits for a paused life to go on, in the order in which it came. */
export interface Paused {
  readonly held: (() => void)[]
  /** When it goes on by itself. */
  readonly end: Step
}

/** A timer that was armed in a chain of timers: how a re-arming timer is known to be periodic. */
export interface TimerChain {
  readonly delayMs: number
  readonly length: number
  /** The periodic timer that the chain has become. */
  readonly periodic?: { firedSinceChange: number; armed: boolean }
}

/** What running code belongs to: made anew for each delivery, attempt, boot and tick. */
export interface Context {
  readonly host: Host
  readonly life: Life
  readonly root: Root
  readonly path: readonly PathStep[]
  /** Identity of root and path, as `parentId` writes it. */
  readonly id: string
  /** The invocation whose chain this is; -1 for none. */
  readonly invocation: number
  /** `seq` of the event that caused this. */
  readonly cause: number
  /** How many equal calls have been issued, and random numbers drawn, under this parent. */
  readonly counts: Map<string, number>
  /** The timer that is running, if this code runs in one. */
  readonly chain?: TimerChain
}

/** A virtual timer. */
export interface VirtualTimer {
  cancel(): void
  /** Starts it anew with its own delay. */
  refresh(): void
  /** Whether it keeps the history going. */
  keep(ref: boolean): void
  readonly kept: boolean
  readonly active: boolean
}

/** A running simulation, as the patched globals see it. Every call counts as simulated activity. */
export interface Host {
  /** `Date.now()` of a life, whole milliseconds since the epoch. */
  wallMs(life: Life): number
  /** `performance.now()` of a life, milliseconds since its machine started. */
  timerMs(life: Life): number
  /** Arms a timer on the life's timer clock; `callback` runs as a step of its own in the arming context. */
  arm(context: Context, delayMs: number, callback: () => void, periodic: boolean): VirtualTimer
  /** Runs `callback` as a step of its own at the present virtual time, in the arming context. */
  soon(context: Context, callback: () => void): VirtualTimer
  /**
   * Waits for real asynchronous work with virtual time frozen; results are released one a step, in order of this call.
   */
  await<T>(context: Context, what: string, work: PromiseLike<T>): Promise<T>
  /** A random 32-bit unsigned integer, by seed and causal path. `source` names the function for the history. */
  draw(context: Context, source: string): number
  /**
   * Real I/O, time or randomness that cannot be simulated: ends the history with an error that names `at` (file:line).
   */
  escaped(context: Context, what: string, at: string): void
  /** Records a committed change of the world, unless its life is dead. `value` is copied. */
  /** `seq` of its event; undefined where it does not count. */
  effect(context: Context, name: string, value: unknown): number | undefined
  /** What a node printed: a note for people, outside the history's bytes. */
  printed(context: Context, text: string): void
  /** What `fetch` does in this simulation: its transport gives it. */
  fetch(context: Context, input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Promise<Response>
  /** Directly after a live call on a store took effect; here the plan may crash the caller. */
  stored(context: Context, store: Store, access: StoreAccess): void
  /** Adds an entry to a journal; here, too, the plan may crash whoever adds it. */
  noted(context: Context, journal: string, value: unknown): void
  /** Activity that may take turns of the event loop, so that the drain waits for them. */
  touch(): void
}

const storage = new AsyncLocalStorage<Context>()

/** The context of the code that is running; undefined outside a simulation. */
export function current(): Context | undefined {
  return storage.getStore()
}

/** Runs code in a context, with all it will cause. */
export function within<T>(context: Context, run: () => T): T {
  return storage.run(context, run)
}

/** Runs code outside any simulation. */
export function outsideContext<T>(run: () => T): T {
  return storage.exit(run)
}

/** Whether a life has ended. */
export function isDead(life: Life): boolean {
  return life.dead || (life.within !== undefined && isDead(life.within))
}

/** A promise that never settles: what a dead life awaits. */
export function neverSettles<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}

/**
 * Ties a callback to the context it is made in, where batching or a module-level queue would lose it.
 *
 * @example queue.push(bind(() => reportUsage()))
 */
export function bind<A extends unknown[], R>(callback: (...args: A) => R): (...args: A) => R {
  const context = current()
  return context === undefined ? callback : (...args) => within(context, () => callback(...args))
}
