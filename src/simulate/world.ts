// The world of one history: its time, its events, its adversary and its lives. State and primitives only; what calls, nodes,
// clients and healing do with them stands in their own files.
import { aliasesOf, type Alias } from '../alias.ts'
import { parentId, type Address } from '../address.ts'
import { passageOf, type Fault } from '../fault.ts'
import { undisturbed, type Passage } from '../fault/spec.ts'
import { copyOf } from '../copy.ts'
import type { Draws, HistoryEvent, Note } from '../history.ts'
import type { Server } from '../message.ts'
import type { Adversary } from '../plan.ts'
import { hash32, mix32 } from '../random.ts'
import type { Scenario } from '../scenario.ts'
import type { Site } from '../site.ts'
import type { Store } from '../store.ts'
import { encodeValue } from '../value.ts'
import { Clock } from './clock.ts'
import { isDead, never, within, type Context, type Host, type Life, type VirtualTimer } from './context.ts'
import { callerOf, userFrame } from './globals/user-frame.ts'
import { Scheduler, type Step, type StepSort } from './scheduler.ts'

/** The usual way of one leg, in milliseconds. */
export const latencyMs = 20
/** A chain of timers that re-arm each other with about one delay is periodic from this length on. */
const periodicFrom = 3
/** Jitter stays below this factor; exponential back-off does not. */
const jitter = 2
/** Clock reads within one step after which a millisecond must have passed: a loop that waits for the clock sees it move. */
const readsPerMs = 1_000
/** Clock reads within one step that no loop needs. */
const mostReads = 20_000_000

/** A user's node, or an outside host (which never crashes). */
export interface Node {
  readonly name: string
  readonly server: Server
  /** One life; absent for an outside host. */
  readonly boot?: () => unknown
  /** The life that runs now; undefined while it is down. */
  life: Life | undefined
  /** The life that is starting and takes no requests yet. */
  starting: Life | undefined
  /** What `boot` gave. */
  app: unknown
  boots: number
  /** Since healing, in a row. */
  failedBoots: number
  /** When it is to start again. */
  restarting: Step | undefined
  /** What boots issue and draw is counted over all of them: they share one root. */
  readonly counts: Map<string, number>
}

export function newNode(name: string, server: Server, boot?: () => unknown): Node {
  return { name, server, life: undefined, starting: undefined, app: undefined, boots: 0, failedBoots: 0, restarting: undefined, counts: new Map(), ...(boot === undefined ? {} : { boot }) }
}

/** Something that leaves in this drain: sent at its end, sorted by address, so that microtask order within a drain shows nowhere. */
export interface Outgoing {
  readonly id: string
  readonly send: () => void
}

/** An event without what the world adds. */
export type Bare = HistoryEvent extends infer E ? E extends HistoryEvent ? Omit<E, 'seq' | 'atMs'> : never : never

/** A periodic timer, or a chain of timers that re-arm each other: what quiet is judged by. */
export interface Pulse {
  firedSinceChange: number
  /** A timer of it is armed. */
  armed: boolean
}

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

/** Thrown out of the simulation: the set-up is wrong, not the system. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

export class World implements Host {
  readonly scheduler: Scheduler = new Scheduler()
  readonly events: HistoryEvent[] = []
  readonly notes: Note[] = []
  readonly draws: Draws[] = []
  readonly sites: Site[] = []
  readonly fired: Fault[] = []
  readonly outbox: Outgoing[] = []
  readonly realWork: RealWork[] = []
  /** The user's nodes, in the order of the system. */
  readonly nodes: Map<string, Node> = new Map()
  readonly aliases: readonly Alias[]
  readonly stores: readonly Store[]
  readonly pulses: Set<Pulse> = new Set()
  /** Contexts that a chain of re-arming timers caused in other lives, or by one-shot timers of its own. */
  readonly #repeating = new WeakSet<Context>()
  readonly #collect: boolean
  readonly #adversary: Adversary
  readonly #seed: number
  readonly #clocks = new Map<string, Clock>()
  readonly #timers = new Set<{ readonly context: Context; readonly dueMs: () => number | undefined; readonly cancel: () => void }>()
  /** Clock reads of the running step: since the last millisecond, and before. */
  #reads = 0
  #spun = 0
  readonly #draws = new Map<string, { count: number; hash: number }>()
  readonly #tickers = new Map<string, number>()
  /** What ends the history at once: a set-up error, or a bug of ours. */
  failure: Error | undefined
  /** The context of the step that is running: who is to blame for an error without one. */
  running: Context | undefined
  healed = false
  openOperations = 0
  longestTimerMs = 0
  /** A step did what may take turns of the event loop itself. */
  slow = false
  /** Some store changed since readings were last taken. */
  storeChanged = false

  constructor(options: WorldOptions) {
    this.aliases = aliasesOf(options.scenario.workload)
    this.stores = options.stores
    this.#collect = options.collect
    this.#adversary = options.adversary
    this.#seed = options.scenario.seed
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  clock(node: string): Clock {
    const known = this.#clocks.get(node)
    if (known !== undefined) return known
    const clock = new Clock()
    this.#clocks.set(node, clock)
    return clock
  }

  /** Appends an event and returns its `seq`. */
  record(event: Bare): number {
    const seq = this.events.length
    const whole = event as { seq: number; atMs: number } & Bare // every caller makes it anew: completed in place, not copied
    whole.seq = seq
    whole.atMs = this.scheduler.nowMs
    this.events.push(whole as HistoryEvent)
    return seq
  }

  note(event: number, text: string): void {
    this.notes.push({ event, text })
  }

  /** An effect or a change of stored state: periodic timers may find more to do. */
  changed(): void {
    for (const pulse of this.pulses) pulse.firedSinceChange = 0
  }

  /**
   * A message arrived or a one-shot timer fired: it may have left something in memory for a periodic timer to find. What periodic timers
   * cause themselves is no progress, or a heartbeat would keep a history alive for ever. `caused` is told apart by its cause.
   */
  progressed(context: Context, caused?: Context): void {
    if (this.pulses.size === 0) return
    if (!this.#isRepeating(context)) return this.changed()
    if (caused !== undefined) this.#repeating.add(caused)
  }

  #isRepeating(context: Context): boolean {
    return context.root.startsWith('tick(') || context.chain?.pulse !== undefined || this.#repeating.has(context)
  }

  fail(error: Error): void {
    this.failure ??= error
  }

  // What the adversary does.

  /** What becomes of a leg, and the faults that make it so. Building the site is skipped where no fault can strike. */
  ask(id: string, site: () => Site): { readonly passage: Passage; readonly faults: readonly Fault[] } {
    if (this.healed || (!this.#collect && !this.#adversary.awaits(() => id))) return untouched
    const met = site()
    if (this.#collect) this.sites.push(met)
    const faults = this.#adversary.at(met)
    if (faults.length === 0) return untouched
    this.fired.push(...faults)
    return { passage: passageOf(faults), faults }
  }

  struck(faults: readonly Fault[], node: string, cause: number): void {
    for (const fault of faults) this.record({ kind: 'fault', node, cause, fault })
  }

  /** Moves the clocks that a passage moves, of those nodes that are meant. */
  jump(passage: Passage, node: string): void {
    for (const { node: name, byMs } of passage.jumps) if (name === node) this.clock(name).jump(byMs)
  }

  /** A life ended: its timers never fire, and nothing waits for them. */
  disarm(life: Life): void {
    for (const timer of this.#timers) if (timer.context.life === life) timer.cancel()
  }

  /** Milliseconds until each one-shot timer of a root fires, ascending. */
  timersOf(root: string): readonly number[] {
    const delays = new Set<number>()
    for (const timer of this.#timers) {
      const dueMs = timer.dueMs()
      if (dueMs !== undefined && timer.context.root === root) delays.add(dueMs - this.nowMs)
    }
    return [...delays].sort((a, b) => a - b)
  }

  // Host: what the patched globals ask for.

  wallMs(life: Life): number {
    if (++this.#reads >= readsPerMs) this.#spin(life)
    return life.clock.wallMs(this.nowMs)
  }

  timerMs(life: Life): number {
    if (++this.#reads >= readsPerMs) this.#spin(life)
    return life.clock.timerMs(this.nowMs)
  }

  /** Code that waits in a loop for the clock would wait for ever: nothing else can move it. */
  #spin(life: Life): void {
    this.#spun += this.#reads
    this.#reads = 0
    life.clock.spin(this.nowMs)
    if (this.#spun < mostReads) return
    this.#spun = 0
    const error = new SetupError(`Node "${life.node}" read the clock ${mostReads.toLocaleString('en')} times in one go at ${userFrame(callerOf(callerOf))}, ` +
      'as a loop that waits for something else does. Nothing else can happen meanwhile: wait with a timer.')
    this.fail(error)
    throw error
  }

  /** A step is over. */
  rested(): void {
    this.#reads = 0
    this.#spun = 0
  }

  touch(): void {
    this.slow = true
  }

  effect(context: Context, name: string, value: unknown): void {
    if (isDead(context.life)) return
    try {
      this.record({ kind: 'effect', node: context.life.node, cause: context.cause, effect: name, value: written(value) })
      this.changed()
    } catch (error) {
      // Not thrown: a handler that catches everything would answer 500, and the mistake would look like the network's.
      this.fail(new SetupError(`The effect "${name}" cannot be recorded: ${error instanceof Error ? error.message : String(error)} Record plain data.`, { cause: error }))
    }
  }

  printed(context: Context, text: string): void {
    if (!isDead(context.life)) this.note(context.cause, text)
  }

  soon(context: Context, callback: () => void): VirtualTimer {
    return this.#timer(context, 0, callback, false)
  }

  arm(context: Context, delayMs: number, callback: () => void, periodic: boolean): VirtualTimer {
    if (!periodic && delayMs > this.longestTimerMs) this.longestTimerMs = delayMs
    return this.#timer(context, delayMs, callback, periodic)
  }

  #timer(context: Context, delayMs: number, callback: () => void, repeats: boolean): VirtualTimer {
    const { life } = context
    const length = context.chain !== undefined && alike(context.chain.delayMs, delayMs) ? context.chain.length + 1 : 1
    let pulse = repeats || length >= periodicFrom ? this.#pulse(context) : undefined
    let kept = true
    let step: Step | undefined
    let fired = 0
    const ticker = repeats ? this.#nextTicker(life.node) : 0
    const sort = (): StepSort => (!kept ? 'background' : pulse === undefined ? 'work' : 'periodic')
    const start = (atMs = this.nowMs + life.clock.virtualDelay(delayMs)): void => {
      step = this.scheduler.add(atMs, fire, sort())
      if (delayMs > 0) this.#timers.add(entry)
      if (pulse !== undefined) pulse.armed = kept
    }
    const cancel = (): void => {
      if (step !== undefined) this.scheduler.cancel(step)
      stop()
    }
    const entry = { context, cancel, dueMs: () => (step === undefined || repeats ? undefined : step.atMs) }
    const stop = (): void => {
      step = undefined
      if (pulse !== undefined) pulse.armed = false
      this.#timers.delete(entry)
    }
    const fire = (): void => {
      stop()
      if (isDead(life)) return
      fired += 1
      if (repeats) start()
      const own = repeats ? this.tick(context, ticker, fired) : chained(context, delayMs, length, pulse)
      if (pulse === undefined) this.progressed(context, own)
      else pulse.firedSinceChange += 1
      this.enter(own, callback)
    }
    start()
    return {
      cancel,
      refresh: () => {
        if (step !== undefined) this.scheduler.cancel(step)
        else if (fired >= periodicFrom - 1) pulse ??= this.#pulse(context) // it re-arms itself
        start()
      },
      keep: (ref) => {
        if (ref === kept) return
        kept = ref
        if (step === undefined) return
        this.scheduler.cancel(step)
        start(step.atMs)
      },
      get kept() { return kept },
      get active() { return step !== undefined },
    }
  }

  #pulse(context: Context): Pulse {
    const pulse = context.chain?.pulse ?? { firedSinceChange: 0, armed: false }
    this.pulses.add(pulse)
    return pulse
  }

  #nextTicker(node: string): number {
    const next = this.#tickers.get(node) ?? 0
    this.#tickers.set(node, next + 1)
    return next
  }

  /** A tick is a root of its own. */
  tick(context: Context, ticker: number, n: number): Context {
    return this.context(context.life, `tick(${context.life.node}#${ticker}, ${n})`, [], -1, context.cause)
  }

  await<T>(context: Context, what: string, work: PromiseLike<T>): Promise<T> {
    this.slow = true
    const entry: RealWork = { context, what, release: undefined }
    this.realWork.push(entry)
    return new Promise<T>((resolve, reject) => {
      work.then(
        (value) => { entry.release = () => resolve(value) },
        (error: unknown) => { entry.release = () => reject(error instanceof Error ? error : new Error(String(error))) },
      )
    })
  }

  draw(context: Context, source: string): number {
    const n = count(context.counts, 'draw')
    const value = mix32(hash32(this.#seed, context.id) + Math.imul(n, 0x9e3779b9))
    const { node } = context.life
    if (context.life.within === undefined && !this.nodes.has(node)) return value // an outside stub's: msw draws ids of its own
    const draws = this.#draws.get(node) ?? { count: 0, hash: 0 }
    draws.count += 1
    draws.hash = mix32(draws.hash ^ value ^ hash32(0, source))
    this.#draws.set(node, draws)
    return value
  }

  /** What was drawn since the last step. */
  recordDraws(): void {
    if (this.#draws.size === 0) return
    for (const [node, { count, hash }] of [...this.#draws].sort(([a], [b]) => (a < b ? -1 : 1))) {
      this.draws.push({ before: this.events.length, node, count, hash })
    }
    this.#draws.clear()
  }

  escaped(context: Context, what: string, at: string): void {
    this.fail(new SetupError(
      `Node "${context.life.node}" escaped to real I/O, time or randomness: ${what} at ${at}. Inside a simulation nothing real can be reached, since no two ` +
      'runs of it are alike. Stub the host in `outside`, register the store in `stores`, or inject a fake there.'))
  }

  // Contexts.

  /** A context; those of one root and path share their counts. */
  context(
    life: Life, root: string, path: readonly string[], invocation: number, cause: number, counts: Map<string, number> = new Map(),
  ): Context {
    return { host: this, life, root, path, id: parentId(root, path), invocation, cause, counts }
  }

  /** Runs code in a context as the running step. What it throws is its node's crash; see node.ts. */
  enter(context: Context, run: () => void): void {
    this.running = context
    within(context, run)
  }

  /** A promise for what a later step resolves; never settles for a dead life. */
  later<T>(context: Context, produce: () => T): Promise<T> {
    if (isDead(context.life)) return never()
    return new Promise<T>((resolve, reject) => {
      this.scheduler.add(this.nowMs, () => {
        if (isDead(context.life)) return
        this.running = context
        try {
          resolve(produce())
        } catch (error) {
          reject(error as Error) // passed on as it was thrown
        }
      })
    })
  }
}

const untouched: { readonly passage: Passage; readonly faults: readonly Fault[] } = { passage: undisturbed, faults: [] }

/** Counts one more of a name: 1 the first time. */
export function count(counts: Map<string, number>, name: string): number {
  const n = (counts.get(name) ?? 0) + 1
  counts.set(name, n)
  return n
}

/** @throws where a history could not be written with it */
function written(value: unknown): unknown {
  const copy = copyOf(value)
  encodeValue(copy)
  return copy
}

function alike(delayMs: number, other: number): boolean {
  return delayMs > 0 && other > 0 && delayMs < other * jitter && other < delayMs * jitter
}

function chained(context: Context, delayMs: number, length: number, pulse: Pulse | undefined): Context {
  if (delayMs === 0) return context
  return { ...context, chain: pulse === undefined ? { delayMs, length } : { delayMs, length, pulse } }
}

/** The address of one leg of a call under a parent. */
export function addressUnder(
  parent: Pick<Context, 'root' | 'path'>, from: string, to: string, operation: string, key: string | undefined, leg: Address['leg'], nth: number,
): Address {
  return key === undefined
    ? { root: parent.root, path: parent.path, from, to, operation, leg, nth }
    : { root: parent.root, path: parent.path, from, to, operation, key, leg, nth }
}
