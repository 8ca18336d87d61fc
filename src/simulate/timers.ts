// Virtual timers: armed in a context, fired as steps of their own. Recognises periodic ones: intervals, and timers that
// keep re-arming each other. phases.ts decides by them when a history is quiet. Must not know what a timer does.
import { sameRoot, tickRoot, type Root } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import type { ArmedTimer } from '../history/unfinished.ts'
import { isDead, type Context, type Life, type VirtualTimer } from './context.ts'
import { toNanoseconds, type Clock } from './clock.ts'
import { hold } from './paused.ts'
import type { Scheduler, Step, StepSort } from './scheduler.ts'

/** Timers that re-arm each other with about the same delay are a chain. From this length on it counts as periodic. */
const periodicFrom = 3
/** Delays of one chain differ by less than this factor: jitter does, an exponential back-off does not. */
const mostJitter = 2

/** Recovery waits for intervals of up to this length. A daily job beside a busy poller would take 100,000 steps. */
const longestPeriodMs = 3_600_000

/** An interval, or a chain of timers that re-arm each other. */
export interface PeriodicTimer {
  /** How often it has fired since anything last changed that it might react to. */
  firedSinceChange: number
  /** Whether one of its timers is armed. */
  armed: boolean
}

interface RunningTimer {
  readonly context: Context
  readonly delayMs: number
  /** It is an interval. */
  readonly repeats: boolean
  /** Its next step, while it is armed. */
  readonly step: () => Step | undefined
  readonly cancel: () => void
  /** The time that is left until it fires becomes this many times as long. */
  readonly stretch: (factor: number) => void
}

/** All timers of one history. */
export class Timers {
  readonly periodicTimers: Set<PeriodicTimer> = new Set()
  longestMs = 0
  /** When something last changed that a periodic timer might react to. */
  changedAtMs = 0
  /** Code of a periodic timer has read a clock: it may wait for a point in time, and not only for work. */
  readsClock = false
  readonly #scheduler: Scheduler
  readonly #enter: (context: Context, run: () => void) => void
  readonly #armed = new Set<RunningTimer>()
  readonly #tickers = new Map<string, number>()
  /** Contexts that a periodic timer caused, in other lives or through one-shot timers. */
  readonly #repeating = new Set<Context>()

  constructor(scheduler: Scheduler, enter: (context: Context, run: () => void) => void) {
    this.#scheduler = scheduler
    this.#enter = enter
  }

  arm(context: Context, delayMs: number, callback: () => void, repeats: boolean): VirtualTimer {
    const { life } = context
    this.longestMs = Math.max(this.longestMs, repeats ? Math.min(delayMs, longestPeriodMs) : delayMs)
    const length =
      context.chain !== undefined && isSimilar(context.chain.delayMs, delayMs) ? context.chain.length + 1 : 1
    let periodic = repeats || length >= periodicFrom ? this.#periodic(context) : undefined
    let kept = true
    let step: Step | undefined
    let fired = 0
    const ticker = repeats ? this.#nextTicker(life.node) : 0
    // A server listens, so its process stays alive and its unref'd timers fire.
    const counts = (): boolean => kept || life.within === undefined
    const sort = (): StepSort => (!counts() ? 'background' : periodic === undefined ? 'work' : 'periodic')
    const start = (atMs = this.#scheduler.nowMs + life.clock.virtualDelay(delayMs)): void => {
      step = this.#scheduler.add(toNanoseconds(atMs), due, sort())
      if (delayMs > 0) this.#armed.add(entry)
      if (periodic !== undefined) periodic.armed = counts()
    }
    const stop = (): void => {
      step = undefined
      if (periodic !== undefined) periodic.armed = false
      this.#armed.delete(entry)
    }
    const cancel = (): void => {
      if (step !== undefined) this.#scheduler.cancel(step)
      stop()
    }
    const stretch = (factor: number): void => {
      if (step === undefined || step.cancelled) return // a cancelled step was taken, and its timer is held by a pause
      this.#scheduler.cancel(step)
      start(this.#scheduler.nowMs + (step.atMs - this.#scheduler.nowMs) * factor)
    }
    const entry: RunningTimer = {
      context,
      delayMs,
      repeats,
      cancel,
      stretch,
      step: () => step,
    }
    const due = (): void => {
      if (life.paused === undefined || isDead(life)) return fire()
      const own = step // still armed: code that is held before this may clear the timer or start it anew
      hold(life, () => {
        if (step === own && own !== undefined) due()
      })
    }
    const fire = (): void => {
      stop()
      if (isDead(life)) return
      fired += 1
      if (repeats) start()
      const own = repeats ? tickContext(context, ticker, fired) : inChain(context, delayMs, length, periodic)
      if (periodic === undefined) this.progressed(context, own)
      else periodic.firedSinceChange += 1
      this.#enter(own, callback)
    }
    start()
    return {
      cancel,
      refresh: () => {
        if (step !== undefined) this.#scheduler.cancel(step)
        else if (fired >= periodicFrom - 1) periodic ??= this.#periodic(context) // it re-arms itself
        start()
      },
      keep: (ref) => {
        if (ref === kept) return
        kept = ref
        if (step === undefined) return
        this.#scheduler.cancel(step)
        start(step.atMs)
      },
      get kept() {
        return kept
      },
      get active() {
        return step !== undefined
      },
    }
  }

  /** An effect or a change of stored state: periodic timers may have more to do. */
  changed(): void {
    this.changedAtMs = this.#scheduler.nowMs
    for (const periodic of this.periodicTimers) periodic.firedSinceChange = 0
  }

  /** Running code read a clock. */
  noteClockRead(context: Context): void {
    if (!this.readsClock && this.periodicTimers.size > 0 && this.#isRepeating(context)) this.readsClock = true
  }

  /**
   * A message arrived or a one-shot timer fired: it may have left work in memory for a periodic timer. What a periodic
   * timer causes itself is no progress, since a heartbeat would then keep a history alive for ever.
   *
   * @param caused what `context` has just caused: where that is a periodic timer's, so is this
   */
  progressed(context: Context, caused?: Context): void {
    if (this.periodicTimers.size === 0) return
    if (!this.#isRepeating(context)) return this.changed()
    if (caused !== undefined) this.#repeating.add(caused)
  }

  #isRepeating(context: Context): boolean {
    return context.root.kind === 'tick' || context.chain?.periodic !== undefined || this.#repeating.has(context)
  }

  /** A life ended: its timers never fire and keep nothing going. */
  disarm(life: Life): void {
    for (const timer of this.#armed) if (timer.context.life === life) timer.cancel()
  }

  /** A clock changed its pace, and so do the timers that are armed on it. */
  stretch(clock: Clock, factor: number): void {
    for (const timer of [...this.#armed]) if (timer.context.life.clock === clock) timer.stretch(factor)
  }

  /** Milliseconds until each one-shot timer of a root fires, ascending. */
  dueIn(root: Root): readonly number[] {
    const delays = new Set<number>()
    for (const { context, repeats, step } of this.#armed) {
      if (repeats || !sameRoot(context.root, root)) continue
      const dueMs = step()?.atMs
      if (dueMs !== undefined) delays.add(Math.max(0, dueMs - this.#scheduler.nowMs))
    }
    return [...delays].sort((a, b) => a - b)
  }

  /** The timers with a delay that are armed, in the order of their nodes, roots and delays, and how each counts. */
  armed(): readonly { readonly timer: ArmedTimer; readonly sort: StepSort }[] {
    const found: { readonly timer: ArmedTimer; readonly sort: StepSort }[] = []
    for (const { context, delayMs, step } of this.#armed) {
      const sort = step()?.sort
      const { life, root } = context
      if (sort === undefined || isDead(life)) continue
      const repeats = sort === 'periodic'
      found.push({ timer: { kind: 'timer', node: life.node, root: rootText(root), delayMs, repeats }, sort })
    }
    return found.sort((a, b) => byNodeRootAndDelay(a.timer, b.timer))
  }

  #periodic(context: Context): PeriodicTimer {
    const periodic = context.chain?.periodic ?? { firedSinceChange: 0, armed: false }
    this.periodicTimers.add(periodic)
    return periodic
  }

  #nextTicker(node: string): number {
    const next = this.#tickers.get(node) ?? 0
    this.#tickers.set(node, next + 1)
    return next
  }
}

/** Each tick of an interval is a root of its own. */
function tickContext({ host, life, cause }: Context, ticker: number, n: number): Context {
  const root = tickRoot(life.node, ticker, n)
  return { host, life, root, path: [], id: rootText(root), invocation: -1, cause, counts: new Map() }
}

function isSimilar(delayMs: number, other: number): boolean {
  return delayMs > 0 && other > 0 && delayMs < other * mostJitter && other < delayMs * mostJitter
}

function inChain(context: Context, delayMs: number, length: number, periodic: PeriodicTimer | undefined): Context {
  if (delayMs === 0) return context
  return { ...context, chain: periodic === undefined ? { delayMs, length } : { delayMs, length, periodic } }
}

/** By node, root and delay. The order of arming depends on microtasks and must not show. */
function byNodeRootAndDelay(a: ArmedTimer, b: ArmedTimer): number {
  if (a.node !== b.node) return a.node < b.node ? -1 : 1
  if (a.root !== b.root) return a.root < b.root ? -1 : 1
  return a.delayMs - b.delayMs
}
