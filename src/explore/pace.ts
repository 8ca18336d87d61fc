// How long a history takes at the moment. The first ones take much longer, since nothing is compiled yet, so only the
// last ones count. A class, because it remembers them. Knows no clock.

/** How many of the last histories count. */
const most = 20

export class Pace {
  readonly #lastMs: number[] = []

  took(ms: number): void {
    this.#lastMs.push(ms)
    if (this.#lastMs.length > most) this.#lastMs.shift()
  }

  /** The median of the last ones, in milliseconds; 0 before the first. */
  get msEach(): number {
    return this.#lastMs.toSorted((a, b) => a - b)[Math.floor(this.#lastMs.length / 2)] ?? 0
  }
}
