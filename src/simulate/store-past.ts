// What stores held before their last commits: for reads that a lagging replica answers, and for commits that a loss of
// power takes. Kept only of stores whose engine may do either. Knows no fault.
import type { StoreAge } from '../scenario/fault/delivery.ts'
import type { Store } from '../system/store.ts'
import type { Life } from './context.ts'

/** A content, and when the next one took its place. */
export interface Earlier {
  readonly content: unknown
  readonly untilMs: number
}

/** One database, whatever connections lead to it. */
interface Past {
  /** The oldest first. */
  readonly earlier: Earlier[]
  readonly users: Set<Life>
}

/** So many contents are kept of each store. */
const mostKept = 32

/** The past of the stores of one history. */
export class StorePast {
  readonly #pasts = new Map<unknown, Past>()
  /** The content before the change that is being made on each connection. */
  readonly #before = new Map<Store, unknown>()

  /** To be called before a change, or before a transaction is opened. */
  changing(store: Store): void {
    if (isKept(store)) this.#before.set(store, store.remember?.())
  }

  /** To be called after a commit. Gives what was there before it. */
  committed(store: Store, nowMs: number): Earlier | undefined {
    if (!this.#before.has(store)) return undefined
    const { earlier } = this.#of(store)
    const before = { content: this.#before.get(store), untilMs: nowMs }
    earlier.push(before)
    if (earlier.length > mostKept) earlier.shift()
    return before
  }

  /** Whether it ever held anything else. */
  isOf(store: Store): boolean {
    return this.#of(store).earlier.length > 0
  }

  /** Who uses a store: whoever shares its machine. */
  usersOf(store: Store): Set<Life> {
    return this.#of(store).users
  }

  /** The content of so long ago, or the oldest that is known; undefined where it is that of now. */
  asOf(store: Store, age: StoreAge, nowMs: number): Earlier | undefined {
    const { earlier } = this.#of(store)
    if ('writes' in age) return earlier.at(-age.writes) ?? earlier[0]
    return earlier.find(({ untilMs }) => untilMs > nowMs - age.byMs)
  }

  #of(store: Store): Past {
    const place = store.place?.() ?? store
    const past = this.#pasts.get(place) ?? { earlier: [], users: new Set() }
    this.#pasts.set(place, past)
    return past
  }
}

function isKept({ faults = [] }: Store): boolean {
  return faults.includes('stale') || faults.includes('unsynced')
}
