// Events that have to wait for another because of what was laid, by the register that they wait for.
import type { Item } from '../transactions.ts'
import type { InstalledVersion } from './installed-version.ts'

/** So many of the events that are held are looked at in search of a contradiction. */
const mostLookedAt = 64

/** An event that has to come first, and one that could have come later instead. */
export interface Blocker {
  readonly by: number
  readonly instead: number
}

/** The events that wait. */
export class HeldEvents {
  readonly #held = new Set<number>()
  readonly #heldOn = new Map<Item, Set<number>>()

  /** The event waits on each register that it writes. */
  hold(event: number, written: readonly InstalledVersion[]): void {
    this.#held.add(event)
    for (const { item } of written) {
      const others = this.#heldOn.get(item)
      if (others === undefined) this.#heldOn.set(item, new Set([event]))
      else others.add(event)
    }
  }

  /** The events that waited on a register: they do not wait any more. */
  releaseOn(item: Item): readonly number[] {
    const released = [...(this.#heldOn.get(item) ?? [])]
    for (const event of released) this.#held.delete(event)
    this.#heldOn.delete(item)
    return released
  }

  /** All events that waited. */
  releaseAll(): readonly number[] {
    const released = [...this.#held]
    this.#held.clear()
    this.#heldOn.clear()
    return released
  }

  /** The first of them: where one contradiction holds many events, a few are enough to find it. */
  first(): readonly number[] {
    const first: number[] = []
    for (const event of this.#held) if (first.push(event) === mostLookedAt) break
    return first
  }
}
