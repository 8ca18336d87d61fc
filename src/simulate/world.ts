// The world of one history: its time, its events, its adversary and its lives. State and primitives only; what calls,
// nodes, clients and healing do with them stands in their own files.
import { aliasesOf, type Alias } from '../scenario/alias.ts'
import type { Address, PathStep, Root } from '../scenario/address.ts'
import { parentId, stepText } from '../scenario/address-text.ts'
import { deliveryOf, type Fault } from '../scenario/fault/registry.ts'
import { undisturbed, type Delivery } from '../scenario/fault/delivery.ts'
import { copyOf } from '../plain/copy.ts'
import type { HistoryEvent, Note } from '../history/history.ts'
import type { Adversary } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Site } from '../scenario/site.ts'
import type { Store } from '../system/store.ts'
import { encodeValue } from '../plain/value.ts'
import { Clock, type Drifting } from './clock.ts'
import { Conditions } from './conditions.ts'
import { isDead, neverSettles, within, type Context, type Host, type Life, type VirtualTimer } from './context.ts'
import { Random } from './draws.ts'
import { hold } from './paused.ts'
import type { Node } from './node-state.ts'
import { Scheduler } from './scheduler.ts'
import { SetupError } from './setup-error.ts'
import { ClockReads } from './clock-reads.ts'
import { Timers } from './timers.ts'

/** The usual way of one leg, in milliseconds. */
export const latencyMs = 20
/**
 * A platform's own limit on waiting for a reply, and on the silence of a body: undici's headersTimeout and bodyTimeout,
 * in milliseconds.
 */
export const platformLimitMs = 300_000
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

/** Real asynchronous work in initiation order. */
interface RealWork {
  readonly context: Context
  readonly what: string
  release: (() => void) | undefined
}

export interface WorldOptions {
  readonly scenario: Scenario
  readonly adversary: Adversary
  readonly stores: readonly Store[]
  /** List the sites met, for the catalogue. */
  readonly collect: boolean
}

export class World implements Host {
  readonly scheduler: Scheduler = new Scheduler()
  readonly timers: Timers = new Timers(this.scheduler, (context, run) => this.enter(context, run))
  readonly random: Random
  readonly events: HistoryEvent[] = []
  readonly notes: Note[] = []
  readonly sites: Site[] = []
  readonly fired: Fault[] = []
  readonly outbox: Outgoing[] = []
  readonly realWork: RealWork[] = []
  /** The user's nodes, in the order of the system. */
  readonly nodes: Map<string, Node> = new Map()
  /** Those that have begun, the probes' among them. */
  readonly clients: Life[] = []
  readonly aliases: readonly Alias[]
  readonly stores: readonly Store[]
  readonly #collect: boolean
  readonly #adversary: Adversary
  readonly #clocks = new Map<string, Clock>()
  readonly #clockReads = new ClockReads((error) => this.fail(error))
  /** What ends the history at once: a set-up error, or a bug of ours. */
  failure: Error | undefined
  /** The context of the step that is running: who is to blame for an error without one. */
  running: Context | undefined
  healed = false
  /** What lasts on the links; undefined until a fault begins something, and after healing. */
  conditions: Conditions | undefined
  /** Timer clocks that run fast or slow now. */
  readonly drifting: Set<Drifting> = new Set()
  openOperations = 0
  /** A step did what may take turns of the event loop itself. */
  slow = false
  /** Told of each commit, by its event. */
  committed: (event: number) => void = () => undefined

  constructor(options: WorldOptions) {
    this.aliases = aliasesOf(options.scenario.workload)
    this.stores = options.stores
    this.#collect = options.collect
    this.#adversary = options.adversary
    this.random = new Random(options.scenario.seed)
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

  // What the adversary does.

  /** What becomes of a leg, and the faults that make it so. Building the site is skipped where no fault can strike. */
  ask(id: string, site: () => Site): { readonly delivery: Delivery; readonly faults: readonly Fault[] } {
    if (this.healed || (!this.#collect && !this.#adversary.awaits(() => id))) return untouched
    const met = site()
    if (this.#collect) this.sites.push(met)
    const faults = this.#adversary.at(met)
    if (faults.length === 0) return untouched
    this.fired.push(...faults)
    const delivery = deliveryOf(faults)
    if (delivery.begins !== undefined) (this.conditions ??= new Conditions()).begin(delivery.begins, this.nowMs)
    return { delivery, faults }
  }

  struck(faults: readonly Fault[], node: string, cause: number): void {
    for (const fault of faults) this.record({ kind: 'fault', node, cause, fault })
  }

  /** Moves the clock of a life that a delivery means. */
  jump({ jumps }: Delivery, { node, clock }: Life): void {
    for (const { node: name, byMs } of jumps) if (name === node) clock.jump(byMs)
  }

  // Host: what the patched globals ask for.

  wallMs(life: Life): number {
    if (this.running !== undefined) this.timers.noteClockRead(this.running)
    this.#clockReads.read(life, this.nowMs)
    return life.clock.wallMs(this.nowMs)
  }

  timerMs(life: Life): number {
    if (this.running !== undefined) this.timers.noteClockRead(this.running)
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
    try {
      const seq = this.record({
        kind: 'effect',
        node: context.life.node,
        cause: context.cause,
        effect: name,
        value: written(value),
      })
      this.timers.changed()
      return seq
    } catch (error) {
      // Not thrown: a handler that catches everything would answer 500, and the mistake would look like the network's.
      this.fail(
        new SetupError(
          `The effect "${name}" cannot be recorded: ${error instanceof Error ? error.message : String(error)} ` +
            'Record plain data.',
          { cause: error },
        ),
      )
      return undefined
    }
  }

  printed(context: Context, text: string): void {
    if (!isDead(context.life)) this.note(context.cause, text)
  }

  soon(context: Context, callback: () => void): VirtualTimer {
    return this.timers.arm(context, 0, callback, false)
  }

  arm(context: Context, delayMs: number, callback: () => void, periodic: boolean): VirtualTimer {
    return this.timers.arm(context, delayMs, callback, periodic)
  }

  await<T>(context: Context, what: string, work: PromiseLike<T>): Promise<T> {
    this.slow = true
    const entry: RealWork = { context, what, release: undefined }
    this.realWork.push(entry)
    return new Promise<T>((resolve, reject) => {
      work.then(
        (value) => {
          entry.release = () => resolve(value)
        },
        (error: unknown) => {
          entry.release = () => reject(error instanceof Error ? error : new Error(String(error)))
        },
      )
    })
  }

  draw(context: Context, source: string): number {
    const { life } = context
    // Msw draws ids of its own in stubs
    return this.random.draw(context, source, life.within !== undefined || this.nodes.has(life.node))
  }

  escaped(context: Context, what: string, at: string): void {
    this.fail(
      new SetupError(
        `Node "${context.life.node}" escaped to real I/O, time or randomness: ${what} at ${at}. Inside a ` +
          'simulation nothing real can be reached, since no two ' +
          'runs of it are alike. Stub the host in `outside`, register the store in `stores`, or inject a fake there.',
      ),
    )
  }

  // Contexts.

  /** A context; those of one root and path share their counts. */
  context(
    life: Life,
    root: Root,
    path: readonly PathStep[],
    invocation: number,
    cause: number,
    counts: Map<string, number> = new Map(),
  ): Context {
    return { host: this, life, root, path, id: parentId(root, path), invocation, cause, counts }
  }

  /** The context of what a call of another causes. */
  served(life: Life, { root, path, id, invocation }: Context, step: PathStep, cause: number): Context {
    return {
      host: this,
      life,
      root,
      path: [...path, step],
      id: `${id} | ${stepText(step)}`,
      invocation,
      cause,
      counts: new Map(),
    }
  }

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

const untouched: { readonly delivery: Delivery; readonly faults: readonly Fault[] } = {
  delivery: undisturbed,
  faults: [],
}

/** @throws where a history could not be written with it */
function written(value: unknown): unknown {
  const copy = copyOf(value)
  encodeValue(copy)
  return copy
}

/** The address of one leg of a call under a parent. */
export function addressUnder(
  parent: Pick<Context, 'root' | 'path'>,
  from: string,
  to: string,
  operation: string,
  key: string | undefined,
  leg: Address['leg'],
  nth: number,
): Address {
  return key === undefined
    ? { root: parent.root, path: parent.path, from, to, operation, leg, nth }
    : { root: parent.root, path: parent.path, from, to, operation, key, leg, nth }
}
