// A node's two clocks, the only time there is in a simulation: the wall clock (Date) that can be wrong and step, and the
// timer clock (setTimeout, performance.now) that can not be set. They are told apart because published bugs need it.

/** What the wall clock shows when a history starts and nothing is wrong with it: 2026-01-01T00:00:00Z. */
export const epochMs = 1_767_225_600_000

/** The clocks of one node; they outlive its incarnations, as a machine's do. */
export class Clock {
  #offsetMs = 0
  /** Up to when code that waits for the clock in a loop has made time pass; virtual time catches up. */
  #spunToMs = 0

  /** Epoch milliseconds that `Date.now()` gives at a virtual time. */
  wallMs(nowMs: number): number {
    return epochMs + this.timerMs(nowMs) + this.#offsetMs
  }

  /** Milliseconds since the machine started, as timers count them. */
  timerMs(nowMs: number): number {
    return nowMs < this.#spunToMs ? this.#spunToMs : nowMs
  }

  /** A millisecond passes within one synchronous stretch. */
  spin(nowMs: number): void {
    this.#spunToMs = this.timerMs(nowMs) + 1
  }

  /** How long a timer of `delayMs` takes in virtual time. */
  virtualDelay(delayMs: number): number {
    return delayMs
  }

  /** The wall clock steps forward (positive) or back. */
  jump(byMs: number): void {
    this.#offsetMs += byMs
  }
}
