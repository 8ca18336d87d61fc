// Lengths of time that show while a history runs: delays of timers, and what answers say (how long to wait or to keep,
// to be valid). Kept where somebody explores. Knows no wire.

/** Shorter ones are crossed anyway, in milliseconds. */
const shortestMs = 250

/** The lengths that one history shows, in order, without repeats. */
export class SeenLengths {
  readonly #seen = new Set<number>()

  add(ms: number): void {
    if (ms >= shortestMs && Number.isFinite(ms)) this.#seen.add(Math.round(ms))
  }

  get all(): readonly number[] {
    return [...this.#seen]
  }
}
