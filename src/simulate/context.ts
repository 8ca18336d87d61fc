// The context of running code: which life it belongs to and what caused it. AsyncLocalStorage carries it through
// awaits, timers, fetch and bodies. The Host interface here is all that the patched globals need of a simulation.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { PathStep, Root } from '../scenario/address.ts'
import type { Leftover } from '../history/leftover.ts'
import type { Store } from '../system/store.ts'
import type { Clock } from './clock.ts'
import type { Step } from './scheduler.ts'
import type { Asked, StoreAccess } from './store-access.ts'

/**
 * Code that runs, and can end, on its own: an incarnation of a node, a client and each of its attempts, an outside
 * host. Once it is dead, nothing that it does counts.
 */
export interface Life {
  /** The node's name in the story: `shop`, `client#0`, `api.stripe.com`. */
  readonly node: string
  readonly clock: Clock
  /** Its code is frozen: awaits never settle, effects are refused. Set once and never reset. */
  dead: boolean
  /** Set while it is paused: whatever is addressed to it waits, see paused.ts. */
  paused: Paused | undefined
  /** Set while its platform keeps it frozen between two requests: what waits until the next one. */
  frozen?: (() => void)[] | undefined
  /** The client of an attempt: the attempt dies with it. */
  readonly within?: Life
  /** Its servers have closed: it takes no new requests. */
  refuses?: boolean
  /** A client's, while it carries out an operation that it may leave: it goes away. */
  leaves?: { readonly invocation: number; readonly now: () => void } | undefined
  /** A client's actors: they die with the client, not with one of its attempts. */
  actors?: Map<symbol, ActorInstance>
  /** 1 for the first incarnation of a node, or of its instance; counts the attempts of a client. */
  readonly incarnation: number
  /** Which of its node's instances it runs in, from 1. Absent for clients and outside hosts. */
  readonly instance?: number
}

/** State that a client's code made for itself and that lives as long as the client. See transport/actor.ts. */
export interface ActorInstance {
  readonly life: Life
  /** What its `boot` returned. */
  state?: Promise<unknown>
  /** The same once it has settled, for views to look at. */
  made?: { readonly state: unknown }
}

/** What waits until a paused life resumes, in the order in which it came. */
export interface Paused {
  readonly held: (() => void)[]
  /** When the life resumes by itself. */
  readonly end: Step
}

/** The name of a life as the end of a link: every client is `client`, so that shrinking may merge them. */
export function nameOnLinks({ node }: Life): string {
  return node.startsWith('client#') ? 'client' : node // no node has such a name
}

/** What running code belongs to. Each delivery, attempt, boot and tick gets a new one. */
export interface Context {
  readonly host: Host
  readonly life: Life
  readonly root: Root
  readonly path: readonly PathStep[]
  /** Root and path as one text, as `parentId` writes it. */
  readonly id: string
  /** The invocation whose chain this is; -1 for none. */
  readonly invocation: number
  /** `seq` of the event that caused this. */
  readonly cause: number
  /** How many equal calls have been issued, and random numbers drawn, under this parent. */
  readonly counts: Map<string, number>
  /** What a client has sent in its operation so far. Undefined where no client carries out an operation. */
  readonly sends: SentCall[] | undefined
}

/** A request of a client, and what the client can know of it. See sent-calls.ts. */
export interface SentCall {
  /** `seq` of its send; -1 before that. */
  readonly sent: number
  /** The code of its reply, or how else it ended for the client: `refused`, say. Undefined while it is open. */
  readonly ended: number | string | undefined
  readonly wire: {
    readonly request: unknown
    readonly protocol: { isRead(request: unknown): boolean; isDone(code: number): boolean | undefined }
  }
}

/** A virtual timer. */
export interface VirtualTimer {
  cancel(): void
  /** Starts it anew with its own delay. */
  refresh(): void
  /** Whether it keeps the history going, as `ref` and `unref` decide. */
  keep(ref: boolean): void
  /** Nothing waits for it where `test`, asked at any time, holds: its firing would do nothing. */
  spentIf(test: () => boolean): void
  readonly kept: boolean
  readonly active: boolean
}

/** Something that code opens, and has to close again. */
export interface OpenedThing {
  readonly kind: Leftover['kind']
  readonly what: string
  /** The stack of who opened it. */
  readonly caller: Error
  /** What it is on: only what stays on the same thing adds up. @default its process */
  readonly on?: object
  /** Asked at the end: whether it counts as left open. @default it does */
  readonly isLeft?: () => boolean
  /** What is opened again under the same key, as where a listener was removed and added again, is one thing. */
  readonly key?: readonly unknown[]
  /** Asked at the end: the operation that used it last. @default the one that opened it */
  readonly usedBy?: () => number
}

/** What a process may listen for. */
export type Signal = 'SIGTERM' | 'SIGINT'

/** How a process ends, or begins to, by its own doing. `closed`: its last server takes no new requests. */
export type Ending = Signal | 'SIGKILL' | 'process.exit' | 'closed'

/** A running simulation, as the patched globals see it. Every call counts as simulated activity. */
export interface Host {
  /** `Date.now()` of a life, whole milliseconds since the epoch. */
  wallMs(life: Life): number
  /** `performance.now()` of a life, milliseconds since its machine started. */
  timerMs(life: Life): number
  /** Arms a timer on the life's timer clock. `callback` runs as a step of its own, in the context that armed it. */
  arm(context: Context, delayMs: number, callback: () => void, periodic: boolean): VirtualTimer
  /** Runs `callback` as a step of its own at the present virtual time, in this context. */
  soon(context: Context, callback: () => void): VirtualTimer
  /**
   * Waits for real asynchronous work while virtual time stands still. Each result is a step of its own, behind those
   * that are due already, in the order of these calls.
   */
  await<T>(context: Context, what: string, work: PromiseLike<T>): Promise<T>
  /** Real work that calls back by itself: nothing else happens until what it gives is called. */
  works(context: Context, what: string): () => void
  /** A random 32-bit unsigned integer, derived from seed and causal path. `source` is the function that was called. */
  draw(context: Context, source: string): number
  /**
   * Real I/O, time or randomness that cannot be simulated: ends the history with an error that names `at` (file:line).
   */
  escaped(context: Context, what: string, at: string): void
  /**
   * Records a committed change of the world. `value` is copied.
   *
   * @returns `seq` of its event; undefined where the life is dead, so that it does not count
   */
  effect(context: Context, name: string, value: unknown): number | undefined
  /** A node printed something, or waits for a lock: it becomes a note for people, outside the history's bytes. */
  printed(context: Context, text: string): void
  /**
   * What `fetch` does in this simulation: its transport gives it. `target` is what undici, below `fetch`, asks the
   * origin for: as it is, and it undoes a Content-Encoding itself.
   */
  fetch(
    context: Context,
    input: Parameters<typeof fetch>[0],
    init: RequestInit | undefined,
    target?: string,
  ): Promise<Response>
  /** Called before a live call that may change a store or that opens a transaction. */
  changing(context: Context, store: Store): void
  /**
   * Carries out a live read on a store. By the plan, it may come before changes of other processes, or from a replica.
   */
  reading<T>(context: Context, store: Store, read: () => T, asked?: Asked): T
  /** Whether the engine of a store refuses a live write that it is asked for. */
  refuses(context: Context, store: Store, asked: Asked): boolean
  /** Directly after a live call on a store took effect; here the plan may crash the caller. */
  stored(context: Context, store: Store, access: StoreAccess): void
  /** Ends the history with an error: the set-up is wrong. */
  fail(error: Error): void
  /** Adds an entry to a journal; here, too, the plan may crash whoever adds it. */
  noted(context: Context, journal: string, value: unknown): void
  /** Something was opened; gives what is called as it is closed. Absent where nobody asks for what is left open. */
  readonly opened?: ((context: Context, thing: OpenedThing) => () => void) | undefined
  /** A process sends itself a signal, exits, or has closed its last server. */
  ends(context: Context, how: Ending): void
  /** Whether faults have ended. */
  readonly healed: boolean
  /** Virtual time, in milliseconds since the start. */
  readonly nowMs: number
  /** Told when somebody outside acts again: recovery lasts until then, and longer. */
  readonly extent: { expects(atMs: number): void }
  /** What somebody on the way has overheard so far, by operation. */
  readonly overheard: Map<string, unknown[]>
  /** Something may need turns of the event loop before it is done: the drain then waits for them. */
  touch(): void
}

const storage = new AsyncLocalStorage<Context>()

/** The context of the code that is running; undefined outside a simulation. */
export function current(): Context | undefined {
  return storage.getStore()
}

/** Runs code in a context, which everything that it causes inherits. */
export function within<T>(context: Context, run: () => T): T {
  return storage.run(context, run)
}

/** The rest of what runs now is in a context, or outside of any: for what begins natively. */
export function enterContext(context: Context | undefined): void {
  storage.enterWith(context as Context) // a store may be undefined, which its type does not say
}

/** Runs code outside any simulation. */
export function outsideContext<T>(run: () => T): T {
  return storage.exit(run)
}

/**
 * Keeps what the user's own AsyncLocalStorages hold now for a callback that a step will call: request ids, tenants,
 * transactions. The context is that of the step.
 */
export function inOwnFrame(run: () => void): () => void {
  const resume = AsyncLocalStorage.snapshot()
  return () => {
    const context = current()
    resume(() => (context === undefined ? run() : within(context, run)))
  }
}

/** Whether a life has ended. */
export function isDead(life: Life): boolean {
  return life.dead || (life.within !== undefined && isDead(life.within))
}

/** A promise that never settles: what code of a dead life awaits. */
export function neverSettles<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}

/**
 * Keeps the present context for a callback. Needed where batching or a module-level queue would lose it.
 *
 * @example queue.push(bind(() => reportUsage()))
 */
export function bind<A extends unknown[], R>(callback: (...args: A) => R): (...args: A) => R {
  const context = current()
  return context === undefined ? callback : (...args) => within(context, () => callback(...args))
}
