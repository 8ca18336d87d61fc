// Detects a history that only repeats itself. Every timer, call or message that waits belongs to a class, and each ends
// in some way, whatever shape a loop has. Once each waiting class has come and gone several times since anything
// changed or was new, the history is a lasso: a beginning, then a cycle for ever. Its cycle adds nothing. This file
// knows neither timers nor calls.
import type { Context } from './context.ts'
import type { Scheduler } from './scheduler.ts'
import { rootText } from '../scenario/address-text.ts'

/** How often each waiting class has to come and go while a system is explored. */
const hastyRounds = 3
/** The same before a violation is reported: code may count in memory, and act only after so many polls or ticks. */
const patientRounds = 100

/**
 * Delays within this factor belong to one class: those that differ by jitter do, those of an exponential back-off do
 * not.
 */
const jitter = Math.log(1.5)

/** Counts how often each class of waiting things has come and gone. */
export class Lasso {
  /**
   * Whether it counts. Before healing it does not count while an operation is open: the end of that operation is a
   * change anyway, and this way the messages of ordinary operations cost nothing.
   */
  watches = false
  /** When anything last changed or was new. */
  sinceMs = 0
  /** Whether a node has read a clock since the last change. If so, it may be waiting for a point in time. */
  readsClock = false
  readonly #rounds: number
  readonly #scheduler: Scheduler
  /** How often one of each class has gone since anything changed or was new. */
  readonly #gone = new Map<string, number>()
  /** The ways in which members of each class have ended. */
  readonly #ways = new Map<string, Set<string | number>>()
  /** Whether the last check found a class that has gone too rarely, and nothing has gone since. */
  #isKnownOpen = false

  constructor(scheduler: Scheduler, patient: boolean) {
    this.#scheduler = scheduler
    this.#rounds = patient ? patientRounds : hastyRounds
  }

  /**
   * Called for an effect, a change of stored state, the end of the last open operation, and healing: after any of
   * these, loops may have more to do.
   */
  changed(): void {
    this.#gone.clear()
    this.#ways.clear()
    this.sinceMs = this.#scheduler.nowMs
    this.readsClock = false
    this.#isKnownOpen = false
  }

  /** Called when something that waited has ended in this way. A way that was not seen before counts as a change. */
  went(recurring: string, way: string | number): void {
    if (!this.watches) return
    const ways = this.#ways.get(recurring) ?? new Set()
    if (!ways.has(way)) {
      this.#ways.set(recurring, ways.add(way))
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

/** Part of a class: whose code waits. It names node, instance and origin, without numbers that grow. */
export function strandOf({ life, root, path }: Context): string {
  const from = root.kind === 'tick' ? `tick ${root.timer}` : rootText(root)
  return `${life.node} ${life.instance ?? 0} ${from} ${path.length}`
}

/** The same text each time, made when it is first asked for: what waits is asked for its class after each step. */
export function madeOnce(make: () => string): () => string {
  let text: string | undefined
  return () => (text ??= make())
}

/** The class of a timer. A `limit` is a timer that was armed unref'd, such as that of `AbortSignal.timeout`. */
export function timerClass(context: Context, delayMs: number, sort: 'timer' | 'interval' | 'limit'): string {
  return `${sort} ${strandOf(context)} ${Math.round(Math.log(delayMs) / jitter)}`
}
