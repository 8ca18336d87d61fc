// Lengths of time that show while a history runs: delays of timers, and what answers say (how long to wait or to keep,
// to be valid). Kept where somebody explores. Knows no wire.
import type { NamedLength } from '../scenario/lengths.ts'

/** Shorter ones are crossed anyway, in milliseconds. */
const shortestMs = 250

/** The lengths that one history shows, in order, without repeats. */
export class SeenLengths {
  readonly #seen = new Map<number, string>()

  /** @param words what it is the length of; of several of one length the first counts */
  add(ms: number, words: () => string): void {
    const length = Math.round(ms)
    if (ms >= shortestMs && Number.isFinite(ms) && !this.#seen.has(length)) this.#seen.set(length, words())
  }

  get all(): readonly NamedLength[] {
    return [...this.#seen].map(([ms, words]) => ({ ms, words }))
  }
}
