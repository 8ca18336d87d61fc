// A synchronous call on a durable store, as the simulation sees it: an event, a crash point directly after it, and
// ghosts. So is an entry in a journal, which stands for a call that somebody's fake takes.
import type { Store } from '../system/store.ts'
import { current, isDead, type Context } from './context.ts'

/** What a store adapter says of a call. */
export interface StoreCall {
  /** `insert orders`, `set seen`: without values. */
  readonly operation: string
  /** Keys and parameters, where an alias may stand. */
  readonly values: readonly unknown[]
  readonly write: boolean
  /** A write that left everything as it was: nobody has more to do for it. */
  readonly idle?: boolean
}

/** Carried out by the world; see simulate/world.ts. */
export interface StoreHost {
  stored(context: Context, store: Store, call: StoreCall): void
  noted(context: Context, journal: string, value: unknown): void
}

/** Held on the host itself: a WeakMap would keep dead worlds until a full garbage collection. */
const stores: unique symbol = Symbol('stores')

/** Told by each simulation as it starts. */
export function storeHost(host: object, given: StoreHost): void {
  Object.assign(host, { [stores]: given })
}

/**
 * Who calls a store: a node that is alive, a ghost (a crashed node whose synchronous stretch still runs), or code outside
 * any simulation. For adapters.
 *
 * @example
 * if (storeCaller() === 'live') storeCalled(store, { operation: 'set cache', values: [key, value], write: true })
 */
export function storeCaller(): 'live' | 'ghost' | 'outside' {
  const context = current()
  if (context === undefined) return 'outside'
  return isDead(context.life) ? 'ghost' : 'live'
}

/**
 * Who owns what the running code leaves open, such as a transaction: the node's incarnation, which `Store.crash` is given
 * when it dies; undefined outside a simulation. For adapters.
 *
 * @example
 * openedBy.set(transaction, storeOwner())
 */
export function storeOwner(): object | undefined {
  const life = current()?.life
  return life?.within ?? life
}

/**
 * Reports a call on a store, directly after it took effect. The plan may crash the caller here. For adapters.
 *
 * @example
 * storeCalled(store, { operation: 'insert orders', values: [order], write: true })
 */
export function storeCalled(store: Store, call: StoreCall): void {
  const context = current()
  // Set above
  if (context !== undefined) (context.host as { [stores]?: StoreHost })[stores]?.stored(context, store, call)
}

/** Told by a journal when something is added to it; here, too, the plan may crash the one who adds. */
export function noted(context: Context, journal: string, value: unknown): void {
  ;(context.host as { [stores]?: StoreHost })[stores]?.noted(context, journal, value) // set above
}
