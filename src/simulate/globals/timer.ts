// The object that setTimeout, setInterval and setImmediate return in a simulation: like Node's Timeout, around a
// virtual timer. Owns the numbers that stand for timers. Knows only the Host.
import { current, inOwnFrame, isDead, type Context, type Host, type Life, type VirtualTimer } from '../context.ts'
import type { Callable } from './replace.ts'

/** Node treats a longer delay as 1 (lib/internal/timers.js, TIMEOUT_MAX). */
const longestDelayMs = 2 ** 31 - 1

/** Larger than the numbers of native timers, so that the two cannot be confused. */
const firstNumber = 1_000_000_000

/** A delay as Node understands it: whole milliseconds, and 1 for anything invalid. */
export function wholeDelay(delay: unknown): number {
  const ms = Number(delay)
  return ms >= 1 && ms <= longestDelayMs ? Math.trunc(ms) : 1
}

/** The timer of a dead life: it never fires. */
export const inert: VirtualTimer = {
  cancel: () => undefined,
  refresh: () => undefined,
  keep: () => undefined,
  spentIf: () => undefined,
  kept: false,
  active: false,
}

/** A timer of the platform, as a simulation sees timers. */
function realTimer(timer: NodeJS.Timeout): VirtualTimer {
  return {
    cancel: () => timer.close(),
    refresh: () => void timer.refresh(),
    keep: (ref) => void (ref ? timer.ref() : timer.unref()),
    spentIf: () => undefined,
    kept: timer.hasRef(),
    active: true,
  }
}

/** How a timer is started on a live host. */
export type Start = (context: Context, run: () => void) => VirtualTimer

/** As an immediate: a step of its own at the present virtual time. */
export const startSoon: Start = (context, run) => context.host.soon(context, run)

/** How a timer of the platform is started. */
export type StartNative = (run: () => void) => NodeJS.Timeout

/** A timer as user code holds it. */
export class SimulatedTimer {
  readonly #host: Host
  readonly #life: Life
  readonly #run: () => void
  readonly #startNative: StartNative | undefined
  #virtual: VirtualTimer
  #cleared = false
  #number: number | undefined

  constructor(context: Context, callback: Callable, args: readonly unknown[], start: Start, startNative?: StartNative) {
    this.#host = context.host
    this.#life = context.life
    this.#startNative = startNative
    this.#run = args.length === 0 ? () => void callback.call(this) : () => void callback.apply(this, [...args])
    this.#virtual = isDead(context.life) ? inert : start(context, inOwnFrame(this.#run))
  }

  ref(): this {
    this.#virtual.keep(true)
    return this
  }

  unref(): this {
    this.#virtual.keep(false)
    return this
  }

  hasRef(): boolean {
    return !this.#cleared && this.#virtual.kept
  }

  refresh(): this {
    if (this.#cleared) return this
    if (isDead(this.#life) && current() === undefined) this.#leaveSimulation()
    else this.#virtual.refresh()
    return this
  }

  /** What a module keeps outlives who started it: undici has one ticker for the whole process. */
  #leaveSimulation(): void {
    if (this.#startNative === undefined) return
    const { kept } = this.#virtual
    this.#virtual.cancel()
    this.#virtual = realTimer(this.#startNative(this.#run))
    if (!kept) this.#virtual.keep(false)
  }

  close(): this {
    this.clear()
    return this
  }

  /** Stops it for good. A ghost clears nothing: the timer could belong to a life that is still running. */
  clear(): void {
    const context = current()
    if (context !== undefined && isDead(context.life)) return
    this.#cleared = true
    this.#virtual.cancel()
  }

  [Symbol.toPrimitive](): number {
    this.#number ??= timerNumberOf(this.#host, this)
    return this.#number
  }

  [Symbol.dispose](): void {
    this.clear()
  }
}

/** Timers that were asked for their number, by history: clearTimeout accepts the number too. */
const timersByHost = new WeakMap<Host, SimulatedTimer[]>()

function timerNumberOf(host: Host, timer: SimulatedTimer): number {
  const timers = timersByHost.get(host) ?? []
  timersByHost.set(host, timers)
  return firstNumber + timers.push(timer) - 1
}

/** The timer that a number or a numeric string stands for. */
export function timerByNumber(host: Host, number: unknown): SimulatedTimer | undefined {
  return timersByHost.get(host)?.[Number(number) - firstNumber]
}
