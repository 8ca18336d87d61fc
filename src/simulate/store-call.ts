// What a store's adapter asks of the simulation: who calls, and where a call on the store is reported.
import type { Store } from '../system/store.ts'
import { current, isDead } from './context.ts'
import type { StoreAccess } from './store-access.ts'

/** Who calls: a life that counts, a ghost (a dead life whose stretch runs on), or code outside any simulation. */
export function caller(): 'live' | 'ghost' | 'outside' {
  const context = current()
  if (context === undefined) return 'outside'
  return isDead(context.life) ? 'ghost' : 'live'
}

/** Who owns what the running code leaves open: its incarnation; undefined outside a simulation. */
export function owner(): object | undefined {
  const life = current()?.life
  return life?.within ?? life
}

/** Reports a live call on a store, directly after it took effect; here the plan may crash the caller. */
export function stored(store: Store, access: StoreAccess): void {
  const context = current()
  context?.host.stored(context, store, access)
}
