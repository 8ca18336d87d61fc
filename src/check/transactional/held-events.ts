// Events that have to wait for another event because of those already placed, by the register that they wait for.
import type { Item } from '../transactions.ts'
import type { InstalledVersion } from './installed-version.ts'

/** How many waiting events are examined in search of a contradiction. */
const mostLookedAt = 64

/** An event that has to come first, and the event that could be moved behind the waiting one instead. */
export interface Blocker {
  readonly by: number
  readonly instead: number
}

/** The events that wait. */
export class HeldEvents {
  readonly #held = new Set<number>()
  readonly #heldOn = new Map<Item, Set<number>>()

  /** Makes the event wait on each register that it writes. */
  hold(event: number, written: readonly InstalledVersion[]): void {
    this.#held.add(event)
    for (const { item } of written) {
      const others = this.#heldOn.get(item)
      if (others === undefined) this.#heldOn.set(item, new Set([event]))
      else others.add(event)
    }
  }

  /** Ends the waiting of all events on a register, and returns them. */
  releaseOn(item: Item): readonly number[] {
    const released = [...(this.#heldOn.get(item) ?? [])]
    for (const event of released) this.#held.delete(event)
    this.#heldOn.delete(item)
    return released
  }

  /** Ends the waiting of all events, and returns them. */
  releaseAll(): readonly number[] {
    const released = [...this.#held]
    this.#held.clear()
    this.#heldOn.clear()
    return released
  }

  /** The first waiting events: if one contradiction blocks many events, a few are enough to find it. */
  first(): readonly number[] {
    const first: number[] = []
    for (const event of this.#held) if (first.push(event) === mostLookedAt) break
    return first
  }
}
