// Loops that wait for the clock (`while (Date.now() < until)`) would never end, since virtual time stands still while
// code runs. So after a number of reads a millisecond passes. The number tells such a loop from a burst of work: reads
// are all that can be observed of it.
import type { Life } from './context.ts'
import { callerOf, userFrame } from './globals/user-frame.ts'
import { SetupError } from './setup-error.ts'

/**
 * Reads within one step until its first millisecond passes. A machine that does little else needs about a millisecond
 * for them (30 to 50 ns each), so a burst of work fits in, such as the 4,096 ids of a snowflake. A spinning step costs
 * half a millisecond of real time.
 */
const readsOfFirstMs = 20_000
/**
 * After that it counts as a loop that waits for the clock. Waiting for ten seconds then takes 10 million reads, a
 * quarter of a second of real time.
 */
const readsPerMs = 1_000
/** More reads within one step than any sensible loop makes. */
const mostReads = 20_000_000

/** The clock reads of the running step. */
export class ClockReads {
  readonly #fail: (error: SetupError) => void
  /** Reads since the last millisecond passed, and those before. */
  #reads = 0
  #before = 0
  #readsOfMs = readsOfFirstMs

  constructor(fail: (error: SetupError) => void) {
    this.#fail = fail
  }

  /** Counts a read. @throws SetupError after 20 million, which also ends the history */
  read(life: Life, nowMs: number): void {
    if (++this.#reads >= this.#readsOfMs) this.#pass(life, nowMs)
  }

  /** A step is over. */
  rested(): void {
    this.#reads = 0
    this.#before = 0
    this.#readsOfMs = readsOfFirstMs
  }

  #pass(life: Life, nowMs: number): void {
    this.#before += this.#reads
    this.#reads = 0
    this.#readsOfMs = readsPerMs
    life.clock.spin(nowMs)
    if (this.#before < mostReads) return
    this.#before = 0
    const error = new SetupError(
      `Node "${life.node}" read the clock ${mostReads.toLocaleString('en')} times in one go at ` +
        `${userFrame(callerOf(callerOf))}, ` +
        'as a loop that waits for something else does. Nothing else can happen meanwhile: wait with a timer.',
    )
    this.#fail(error)
    throw error
  }
}
