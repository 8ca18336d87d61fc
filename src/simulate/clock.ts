// A node's two clocks, the only time there is in a simulation: the wall clock (Date) that can be wrong and step, and
// the timer clock (setTimeout, performance.now) that can not be set, but may run fast or slow. They are told apart
// because published bugs need it.
import type { Step } from './scheduler.ts'

/** What the wall clock shows when a history starts and nothing is wrong with it: 2026-01-01T00:00:00Z. */
export const epochMs = 1_767_225_600_000

/** A clock's error of pace while it lasts. */
export interface Drifting {
  readonly clock: Clock
  /** In millionths. */
  readonly ppm: number
  /** When it ends by itself. */
  readonly end: Step | undefined
}

/** The clocks of one node; they outlive its incarnations, as a machine's do. */
export class Clock {
  #offsetMs = 0
  /** Up to when code that waits for the clock in a loop has made time pass; virtual time catches up. */
  #spunToMs = 0

  #pace = 1
  /** Since when it runs at its pace, and how far ahead of true time the timer clock was by then. */
  #sinceMs = 0
  #aheadMs = 0

  /** Epoch milliseconds that `Date.now()` gives at a virtual time. */
  wallMs(nowMs: number): number {
    return epochMs + Math.floor(this.#reachedMs(nowMs)) + this.#offsetMs
  }

  /** Milliseconds since the machine started, as timers count them. */
  timerMs(nowMs: number): number {
    const reachedMs = this.#reachedMs(nowMs)
    if (this.#pace === 1 && this.#aheadMs === 0) return reachedMs
    return toMicroseconds(this.#aheadMs + this.#sinceMs + (reachedMs - this.#sinceMs) * this.#pace)
  }

  #reachedMs(nowMs: number): number {
    return nowMs < this.#spunToMs ? this.#spunToMs : nowMs
  }

  /** A millisecond passes within one synchronous stretch. */
  spin(nowMs: number): void {
    this.#spunToMs = this.#reachedMs(nowMs) + 1
  }

  /** How long a timer of `delayMs` takes in virtual time. */
  virtualDelay(delayMs: number): number {
    return delayMs / this.#pace
  }

  /** How fast the timer clock runs: 1 is true. */
  get pace(): number {
    return this.#pace
  }

  /** From now on the timer clock runs at another pace. */
  run(nowMs: number, pace: number): void {
    this.#aheadMs += (nowMs - this.#sinceMs) * (this.#pace - 1)
    this.#sinceMs = nowMs
    this.#pace = pace
  }

  /** The wall clock steps forward (positive) or back. */
  jump(byMs: number): void {
    this.#offsetMs += byMs
  }
}

/**
 * Timers that are due at one moment of a drifting clock must be due at one moment of ours: a rounding error would
 * change their order.
 */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * 1_000_000) / 1_000_000
}

/** As fine as performance.now() shows; sums of paces are not exact, and a timer must not seem to have come early. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
