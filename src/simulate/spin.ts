// Code that waits in a loop for the clock would wait for ever, since nothing else can happen meanwhile: each so many
// reads a millisecond passes. Told apart from a burst of work by their number, for a read is all there is to see.
import type { Life } from './context.ts'
import { callerOf, userFrame } from './globals/user-frame.ts'
import { SetupError } from './setup-error.ts'

/**
 * Reads within one step after which its first millisecond has passed: as many as a machine manages that does little
 * else (30 to 50 ns each), so that a burst of work fits into it, such as the 4,096 ids of a snowflake. It costs a
 * spinning step half a millisecond of real time.
 */
const readsOfFirstMs = 20_000
/**
 * From then on it is a loop that waits for the clock: ten seconds take it 10 million reads, a quarter of a second of
 * real time.
 */
const readsPerMs = 1_000
/** Reads within one step that no loop needs. */
const mostReads = 20_000_000

/** The clock reads of the running step. */
export class Spin {
  readonly #fail: (error: SetupError) => void
  /** Since the last millisecond, and before. */
  #reads = 0
  #before = 0
  #readsOfMs = readsOfFirstMs

  constructor(fail: (error: SetupError) => void) {
    this.#fail = fail
  }

  /** Counts a read. @throws SetupError, which ends the history as well, after 20 million */
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
