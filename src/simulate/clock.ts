// A node's two clocks. The wall clock (Date) can be wrong and can step. The timer clock (setTimeout, performance.now)
// cannot be set, but may run fast or slow. Published bugs need both.
import type { Step } from './scheduler.ts'

/** What a correct wall clock shows when a history starts: 2026-01-01T00:00:00Z. */
export const epochMs = 1_767_225_600_000

/** A clock that drifts, for as long as it does. */
export interface Drifting {
  readonly clock: Clock
  /** How much too fast it runs, in parts per million. */
  readonly ppm: number
  /** The step that ends the drift. */
  readonly end: Step | undefined
}

/** The clocks of one node. They outlive its incarnations, as those of a machine do. */
export class Clock {
  #offsetMs = 0
  /**
   * How far code that waits in a loop has pushed this clock ahead of virtual time, which catches up later. See
   * clock-reads.ts.
   */
  #spunToMs = 0

  #pace = 1
  /** When its present pace began, and how far the timer clock was ahead of virtual time then. */
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

  /** How fast the timer clock runs: 1 is correct. */
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
 * Rounds to nanoseconds. Timers that are due at the same time of a drifting clock must be due at the same virtual time:
 * a rounding error would change their order.
 */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * 1_000_000) / 1_000_000
}

/** Rounds to the precision of performance.now(): sums of paces are inexact, and no timer may seem to fire early. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
