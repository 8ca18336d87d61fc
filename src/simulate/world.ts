// The world of one history: its time, its events, its adversary and its lives. State and primitives only; what calls,
// nodes, clients and healing do with them stands in their own files.
import { isRecovery } from '../scenario/address.ts'
import { aliasesOf, type Alias } from '../scenario/alias.ts'
import { deliveryOf, type Fault } from '../scenario/fault/registry.ts'
import { undisturbed, type Delivery } from '../scenario/fault/delivery.ts'
import type { HistoryEvent, Note } from '../history/history.ts'
import { orderOf, type Adversary } from '../scenario/plan.ts'
import type { Site } from '../scenario/site.ts'
import type { Store } from '../system/store.ts'
import { awaitWork, workAtOnce, type AwaitedWork } from './awaited-work.ts'
import { CallDetails } from './call-details.ts'
import { Clock, type Drifting } from './clock.ts'
import { Conditions } from './conditions.ts'
import { isDead, neverSettles, within, type Context, type Host, type Life, type VirtualTimer } from './context.ts'
import { Random } from './draws.ts'
import { Extent } from './extent.ts'
import { Lasso } from './lasso.ts'
import { StoreOrder } from './store-order.ts'
import { StorePast } from './store-past.ts'
import { hold } from './paused.ts'
import type { Node } from './node-state.ts'
import { recordedValue } from './recorded-value.ts'
import { Scheduler } from './scheduler.ts'
import { SeenLengths } from './seen-lengths.ts'
import type { Serving } from './serving.ts'
import { escaped, SetupError } from './setup-error.ts'
import { ClockReads } from './clock-reads.ts'
import { Timers } from './timers.ts'
import type { WorldOptions } from './world-options.ts'

/** The usual way of one leg, in milliseconds. */
export const latencyMs = 20

/**
 * Something that leaves in this drain: sent at its end, sorted by address, so that microtask order within a drain shows
 * nowhere.
 */
export interface Outgoing {
  readonly id: string
  readonly send: () => void
}

/** An event without what the world adds. */
export type Bare = HistoryEvent extends infer E ? (E extends HistoryEvent ? Omit<E, 'seq' | 'atMs'> : never) : never

/** What becomes of a leg, and the faults that make it so. */
export interface StruckLeg {
  readonly delivery: Delivery
  readonly faults: readonly Fault[]
}

export class World implements Host {
  readonly scheduler: Scheduler = new Scheduler()
  /** Whether everything goes round in circles. */
  readonly lasso: Lasso
  readonly timers: Timers
  readonly random: Random
  readonly events: HistoryEvent[] = []
  readonly notes: Note[] = []
  /** Undefined where nobody will tell a story of this history. */
  readonly details: CallDetails | undefined
  readonly sites: Site[] = []
  readonly fired: Fault[] = []
  readonly outbox: Outgoing[] = []
  /** Real work whose turn it is. */
  readonly realWork: AwaitedWork[] = []
  /** Requests that nodes of the user have accepted and not answered yet. */
  readonly serving: Set<Serving> = new Set()
  /** The user's nodes, in the order of the system. */
  readonly nodes: Map<string, Node> = new Map()
  /** Those that have begun, the probes' among them. */
  readonly clients: Life[] = []
  readonly aliases: readonly Alias[]
  readonly stores: readonly Store[]
  readonly #collect: boolean
  readonly #aheadMs: number
  readonly #adversary: Adversary
  readonly #repeated: ReadonlySet<string>
  readonly #clocks = new Map<string, Clock>()
  readonly #clockReads = new ClockReads((error) => this.fail(error))
  readonly portCalls: Set<string>
  readonly past: StorePast = new StorePast()
  /** The order of processes on stores; undefined where the plan has none and nobody looks for one. */
  readonly order: StoreOrder | undefined
  /** What ends the history at once: a set-up error, or a bug of ours. */
  failure: Error | undefined
  /** The context of the step that is running: who is to blame for an error without one. */
  running: Context | undefined
  healed = false
  /** An operator's procedure runs, which may be interrupted. */
  recovering = false
  readonly overheard: Host['overheard'] = new Map()
  /** What lasts on the links; undefined until a fault begins something, and after healing. */
  conditions: Conditions | undefined
  readonly extent: Extent = new Extent()
  /** Undefined where nobody explores. */
  readonly seenLengths: SeenLengths | undefined
  /** Timer clocks that run fast or slow now. */
  readonly drifting: Set<Drifting> = new Set()
  /** Operations that have not ended: those of the workload, and then the probes. */
  openOperations = 0
  /** A step did what may take turns of the event loop itself. */
  slow = false
  /** Called after each commit, with its event. */
  committed: (event: number) => void = () => undefined
  /** See link.ts and transport/sockets. No WeakMap by world: the garbage collector would keep dead ones for longer. */
  links: object | undefined
  sockets: object | undefined
  close: (() => boolean) | undefined
  fetch: Host['fetch'] = () => Promise.reject(new Error('Bug: a simulation without a network'))
  stored: Host['stored'] = () => undefined
  refuses: Host['refuses'] = () => false
  changing: Host['changing'] = () => undefined
  reading: Host['reading'] = (_context, _store, read) => read()
  noted: Host['noted'] = () => undefined
  ends: Host['ends'] = () => undefined
  opened: Host['opened']
  seesBytes = false
  readonly works: Host['works'] = (context, what) => workAtOnce(this, context, what)

  constructor(options: WorldOptions) {
    this.lasso = new Lasso(this.scheduler, options.patient)
    this.seenLengths = options.collect ? new SeenLengths() : undefined
    this.timers = new Timers(this.scheduler, this.lasso, (context, run) => this.enter(context, run), this.seenLengths)
    this.details = options.annotate ? new CallDetails() : undefined
    this.aliases = aliasesOf(options.scenario.workload)
    this.stores = options.stores
    this.#collect = options.collect
    this.#aheadMs = options.alone?.aheadMs ?? 0
    this.#adversary = options.adversary
    this.#repeated = options.repeated
    this.random = new Random(options.scenario.seed)
    this.portCalls = options.portCalls
    const late = orderOf(options.scenario.plan)
    this.order = options.collect || late.length > 0 ? new StoreOrder(this, late) : undefined
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  /** The clock of the machine that a node, or one instance of it, runs on. */
  clock(node: string, instance = 1): Clock {
    const name = instance === 1 ? node : `${node}#${instance}` // no node has such a name
    const known = this.#clocks.get(name)
    if (known !== undefined) return known
    const clock = new Clock()
    clock.jump(this.#aheadMs)
    this.#clocks.set(name, clock)
    return clock
  }

  /** Appends an event and returns its `seq`. */
  record(event: Bare): number {
    const seq = this.events.length
    // Every caller makes it anew: completed in place, not copied
    const whole = event as { seq: number; atMs: number } & Bare
    whole.seq = seq
    whole.atMs = this.scheduler.nowMs
    this.events.push(whole)
    return seq
  }

  note(event: number, text: string): void {
    this.notes.push({ event, text })
  }

  fail(error: Error): void {
    this.failure ??= error
  }

  /** Operations begin, or end where `by` is negative. Before healing, loops matter only while none is open. */
  countOperations(by: number): void {
    this.openOperations += by
    this.lasso.watches = this.healed || this.openOperations === 0
    if (this.lasso.watches) this.lasso.changed()
  }

  // What the adversary does.

  /** What becomes of a leg, and which faults made it so. Building the site is skipped where no fault can strike. */
  ask(idOf: () => string, site: () => Site): StruckLeg {
    if ((this.healed && !this.recovering) || (!this.#collect && !this.#adversary.awaits(idOf))) return untouched
    const met = site()
    if (this.healed && !isRecovery(met.address.root)) return untouched
    if (this.#collect) this.sites.push(met)
    const faults = this.#adversary.at(met)
    if (faults.length === 0) return untouched
    this.fired.push(...faults)
    const delivery = deliveryOf(faults)
    this.extent.struck(this.nowMs, delivery)
    if (delivery.begins !== undefined) (this.conditions ??= new Conditions()).begin(delivery.begins, this.nowMs)
    return { delivery, faults }
  }

  /** Whether the sender of what this code issues delivers it at least once. */
  repeats({ life, root }: Context): boolean {
    return life.within !== undefined && root.kind === 'operation' && this.#repeated.has(root.operation)
  }

  struck(faults: readonly Fault[], node: string, cause: number): void {
    for (const fault of faults) this.record({ kind: 'fault', node, cause, fault })
  }

  // Host: what the patched globals ask for.

  wallMs(life: Life): number {
    if (life.within === undefined) this.lasso.readsClock = true
    this.#clockReads.read(life, this.nowMs)
    return life.clock.wallMs(this.nowMs)
  }

  timerMs(life: Life): number {
    if (life.within === undefined) this.lasso.readsClock = true
    this.#clockReads.read(life, this.nowMs)
    return life.clock.timerMs(this.nowMs)
  }

  /** A step is over. */
  rested(): void {
    this.#clockReads.rested()
  }

  touch(): void {
    this.slow = true
  }

  effect(context: Context, name: string, value: unknown): number | undefined {
    if (isDead(context.life)) return undefined
    const recorded = recordedValue(name, value)
    if (recorded instanceof SetupError) {
      // Not thrown: a handler that catches everything would hide the mistake behind an answer
      this.fail(recorded)
      return undefined
    }
    const { life, cause } = context
    const seq = this.record({ kind: 'effect', node: life.node, cause, effect: name, value: recorded.value })
    this.lasso.changed()
    return seq
  }

  printed(context: Context, text: string, hint?: string): void {
    if (isDead(context.life)) return
    const printed = { node: context.life.node, atMs: this.nowMs, after: this.events.length - 1 }
    this.notes.push({ event: context.cause, text, printed: hint === undefined ? printed : { ...printed, hint } })
  }

  soon(context: Context, callback: () => void): VirtualTimer {
    return this.timers.arm(context, 0, callback, false)
  }

  arm(context: Context, delayMs: number, callback: () => void, periodic: boolean): VirtualTimer {
    return this.timers.arm(context, delayMs, callback, periodic)
  }

  await<T>(context: Context, what: string, work: PromiseLike<T>): Promise<T> {
    this.slow = true
    return awaitWork(this, context, what, work)
  }

  draw(context: Context, source: string): number {
    const { life } = context
    // Msw draws ids of its own in stubs
    return this.random.draw(context, source, life.within !== undefined || this.nodes.has(life.node))
  }

  escaped(context: Context, what: string, at: string): void {
    this.fail(escaped(context.life.node, what, at))
  }

  // Running code.

  /** Runs code in a context as the running step. What it throws is its node's crash; see node.ts. */
  enter(context: Context, run: () => void): void {
    this.running = context
    within(context, run)
  }

  /** A promise for what a later step resolves; never settles for a dead life. */
  later<T>(context: Context, produce: () => T | Promise<T>): Promise<T> {
    if (isDead(context.life)) return neverSettles()
    return new Promise<T>((resolve, reject) => {
      const step = (): void => {
        if (isDead(context.life) || hold(context.life, step)) return
        this.running = context
        try {
          resolve(produce())
        } catch (error) {
          reject(error)
        }
      }
      this.scheduler.add(this.nowMs, step)
    })
  }
}

const untouched: StruckLeg = { delivery: undisturbed, faults: [] }
