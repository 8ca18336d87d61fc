// When a history goes round in circles. Whatever shape a loop has, all that waits in it is of some class, and ends in
// some way: once each waiting class has come and gone some times since anything changed or was new, the history is a
// lasso (a way in, and a cycle for ever), and its cycle adds nothing. Knows no timers and no calls.
import type { Context } from './context.ts'
import type { Scheduler } from './scheduler.ts'
import { rootText } from '../scenario/address-text.ts'

/** How often all that waits has to come and go while a system is explored. */
const hastyRounds = 3
/** The same before anybody is accused: code may count in memory, and act after so many looks or ticks. */
const patientRounds = 100

/** Delays within this factor are of one class: jitter is, an exponential back-off is not. */
const jitter = Math.log(1.5)

/** Counts what comes and goes. */
export class Lasso {
  /**
   * Whether it counts. Before healing it does not while an operation is open: that end is a change anyway, and the
   * messages of ordinary operations cost nothing.
   */
  watches = false
  /** When anything last changed or was new. */
  sinceMs = 0
  /** A node has read a clock since the last change: it may wait for a point in time. */
  readsClock = false
  readonly #rounds: number
  readonly #scheduler: Scheduler
  /** By class: how often one of it has gone since anything changed or was new. */
  readonly #gone = new Map<string, number>()
  /** In what ways those of each class have gone. */
  readonly #ways = new Set<string>()
  /** Nothing has gone since some waiting class was found to have gone too rarely. */
  #isKnownOpen = false

  constructor(scheduler: Scheduler, patient: boolean) {
    this.#scheduler = scheduler
    this.#rounds = patient ? patientRounds : hastyRounds
  }

  /** An effect, a change of stored state, the end of the last open operation, healing: loops may have more to do. */
  changed(): void {
    this.#gone.clear()
    this.#ways.clear()
    this.sinceMs = this.#scheduler.nowMs
    this.readsClock = false
    this.#isKnownOpen = false
  }

  /** Something that waited has gone, in this way. A way that was not seen before is news. */
  went(recurring: string, way: string | number): void {
    if (!this.watches) return
    const seen = `${recurring} ${way}`
    if (!this.#ways.has(seen)) {
      this.#ways.add(seen)
      this.#gone.clear()
      this.sinceMs = this.#scheduler.nowMs
    }
    this.#gone.set(recurring, (this.#gone.get(recurring) ?? 0) + 1)
    this.#isKnownOpen = false
  }

  /** Whether one of this class has gone since anything changed. */
  recurs(recurring: string): boolean {
    return this.#gone.has(recurring)
  }

  /** Whether each of these classes has come and gone often enough. */
  covers(waiting: Iterable<string>): boolean {
    if (!this.watches || this.#isKnownOpen) return false
    for (const recurring of waiting) {
      if ((this.#gone.get(recurring) ?? 0) >= this.#rounds) continue
      this.#isKnownOpen = true
      return false
    }
    return true
  }
}

/** Whose code waits, for a class: its node and instance, and what it came from, without numbers that grow. */
export function strandOf({ life, root, path }: Context): string {
  const from = root.kind === 'tick' ? `tick ${root.timer}` : rootText(root)
  return `${life.node} ${life.instance ?? 0} ${from} ${path.length}`
}

/** The class of a timer. A `limit` was unref'd as it was armed, as that of `AbortSignal.timeout`. */
export function timerClass(context: Context, delayMs: number, sort: 'timer' | 'interval' | 'limit'): string {
  return `${sort} ${strandOf(context)} ${Math.round(Math.log(delayMs) / jitter)}`
}
