// Virtual timers: armed in a context, fired as steps of their own. Must not know what a timer does, nor when a history
// is over: what a timer tells the lasso of that is its class.
import { sameRoot, tickRoot, type Root } from '../scenario/address.ts'
import { rootText } from '../scenario/address-text.ts'
import type { ArmedTimer } from '../history/unfinished.ts'
import { rootContext } from './causal-context.ts'
import { isDead, type Context, type Host, type Life, type VirtualTimer } from './context.ts'
import { toNanoseconds, type Clock } from './clock.ts'
import { madeOnce, timerClass, type Lasso } from './lasso.ts'
import { callerOf } from './globals/user-frame.ts'
import { hold, isHeld } from './paused.ts'
import type { Scheduler, Step, StepSort } from './scheduler.ts'
import { durationWords } from '../plain/time.ts'
import type { SeenLengths } from './seen-lengths.ts'

/**
 * Recovery usually waits for intervals of up to this length. A daily job beside a busy poller would take 100,000 steps.
 */
const mostPeriodMs = 3_600_000

interface RunningTimer {
  readonly context: Context
  readonly delayMs: number
  /** It is an interval. */
  readonly repeats: boolean
  /** Its next step, while it is armed. */
  readonly step: () => Step | undefined
  readonly cancel: () => void
  /** Whether it keeps its process alive. */
  readonly kept: () => boolean
  /** The time that is left until it fires becomes this many times as long. */
  readonly stretch: (factor: number) => void
}

/** All timers of one history. */
export class Timers {
  /** The longest delay; of intervals, up to an hour. */
  longestMs = 0
  /** The longest delay, of intervals too. */
  longestPeriodMs = 0
  readonly #scheduler: Scheduler
  readonly #lasso: Lasso
  readonly #enter: (context: Context, run: () => void) => void
  readonly #seen: SeenLengths | undefined
  readonly #armed = new Set<RunningTimer>()
  readonly #tickers = new Map<string, number>()
  /** See Host. */
  opened: Host['opened']

  constructor(
    scheduler: Scheduler,
    lasso: Lasso,
    enter: (context: Context, run: () => void) => void,
    seen?: SeenLengths,
  ) {
    this.#seen = seen
    this.#scheduler = scheduler
    this.#lasso = lasso
    this.#enter = enter
  }

  arm(context: Context, delayMs: number, callback: () => void, repeats: boolean): VirtualTimer {
    const { life } = context
    this.#seen?.add(delayMs, () => `a timer of ${durationWords(delayMs)}`)
    this.longestMs = Math.max(this.longestMs, repeats ? Math.min(delayMs, mostPeriodMs) : delayMs)
    this.longestPeriodMs = Math.max(this.longestPeriodMs, delayMs)
    let kept = true
    let isLimit = false
    let isSpent = (): boolean => false
    let step: Step | undefined
    let fired = 0
    const caller = this.opened === undefined ? undefined : callerOf(callerOf)
    let close: (() => void) | undefined
    const ticker = repeats ? this.#nextTicker(life.node) : 0
    // A server listens, so its process stays alive and its unref'd timers fire.
    const counts = (): boolean => kept || life.within === undefined
    const sort = (): StepSort => (!counts() ? 'background' : delayMs > 0 ? 'timer' : 'work')
    const timer = madeOnce(() => timerClass(context, delayMs, repeats ? 'interval' : 'timer'))
    const limit = madeOnce(() => timerClass(context, delayMs, repeats ? 'interval' : 'limit'))
    const recurring = (): string => (isLimit ? limit() : timer())
    const waits = (): string | undefined => (isSpent() ? undefined : recurring())
    const start = (atMs = this.#scheduler.nowMs + life.clock.virtualDelay(delayMs)): void => {
      step = this.#scheduler.add(toNanoseconds(atMs), due, sort(), waits)
      if (delayMs > 0) this.#armed.add(entry)
      if (caller !== undefined)
        close ??= this.opened?.(context, {
          kind: 'timer',
          what: `${repeats ? 'an interval' : 'a timer'} of ${durationWords(delayMs)}`,
          caller,
          isLeft: () => repeats || kept,
        })
    }
    const stop = (): void => {
      step = undefined
      close?.()
      close = undefined
      this.#armed.delete(entry)
    }
    const went = (): void => {
      if (delayMs > 0 && this.#lasso.watches) this.#lasso.went(recurring(), '')
    }
    const cancel = (): void => {
      if (step !== undefined) {
        this.#scheduler.cancel(step)
        if (!isDead(life)) went()
      }
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
      kept: () => kept,
      stretch,
      step: () => step,
    }
    const due = (): void => {
      if (!isHeld(life) || isDead(life)) return fire()
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
      went()
      this.#enter(repeats ? tickContext(context, ticker, fired) : context, callback)
    }
    start()
    return {
      cancel,
      refresh: () => {
        if (step !== undefined) {
          this.#scheduler.cancel(step)
          went() // as one that is cancelled, and armed anew
        }
        start()
      },
      keep: (ref) => {
        if (ref === kept) return
        kept = ref
        if (!ref && fired === 0) isLimit = true
        if (step === undefined) return
        this.#scheduler.cancel(step)
        start(step.atMs)
      },
      spentIf: (test) => {
        isSpent = test
      },
      get kept() {
        return kept
      },
      get active() {
        return step !== undefined
      },
    }
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

  /** Whether a timer is armed that keeps the process of a life alive. */
  keepsAlive(life: Life): boolean {
    for (const { context, kept } of this.#armed) if (context.life === life && kept()) return true
    return false
  }

  /** Whether a timer is armed by what a context caused. */
  isArmedUnder(parent: string): boolean {
    for (const { context } of this.#armed) if (isUnder(parent, context.id)) return true
    return false
  }

  /** The timers with a delay that are armed, in the order of their nodes, roots and delays. */
  armed(): readonly ArmedTimer[] {
    const found: ArmedTimer[] = []
    for (const { context, delayMs, repeats: isInterval, step } of this.#armed) {
      const waiting = step()
      const { life, root } = context
      if (waiting === undefined || isDead(life)) continue
      const repeats = isInterval || this.#lasso.recurs(waiting.recurring?.() ?? '')
      found.push({ kind: 'timer', node: life.node, root: rootText(root), delayMs, repeats })
    }
    return found.sort(byNodeRootAndDelay)
  }

  #nextTicker(node: string): number {
    const next = this.#tickers.get(node) ?? 0
    this.#tickers.set(node, next + 1)
    return next
  }
}

/** Each tick of an interval is a root of its own. */
function tickContext({ host, life, cause, sends }: Context, ticker: number, n: number): Context {
  return rootContext(host, life, tickRoot(life.node, ticker, n), -1, cause, new Map(), sends)
}

/** Whether a causal identity is another one, or of something that it caused. */
export function isUnder(parent: string, id: string): boolean {
  return id === parent || id.startsWith(`${parent} | `)
}

/** By node, root and delay. The order of arming depends on microtasks and must not show. */
function byNodeRootAndDelay(a: ArmedTimer, b: ArmedTimer): number {
  if (a.node !== b.node) return a.node < b.node ? -1 : 1
  if (a.root !== b.root) return a.root < b.root ? -1 : 1
  return a.delayMs - b.delayMs
}
