// What a store's adapter asks of the simulation: who calls, and where a call on the store is reported.
import type { Store } from '../system/store.ts'
import { current, isDead } from './context.ts'
import { callerOf } from './globals/user-frame.ts'
import { SetupError } from './setup-error.ts'
import type { Asked, StoreAccess } from './store-access.ts'

/**
 * Who calls a store: a node that is alive, a ghost (a crashed node whose synchronous stretch still runs), or code
 * outside any simulation. For adapters.
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
 * Who owns what the running code leaves open, such as a transaction: the node's incarnation, which `Store.crash` is
 * given when it dies; undefined outside a simulation. For adapters.
 *
 * @example
 * openedBy.set(transaction, storeOwner())
 */
export function storeOwner(): object | undefined {
  const life = current()?.life
  return life?.within ?? life
}

/**
 * Carries out a read of a live caller outside any transaction. By the plan, the read may come before changes that other
 * processes have made at the same moment. For adapters of stores that have `early`. `asked`: what is read, where a
 * replica may answer it.
 *
 * @example
 * return storeReads(store, () => native())
 */
export function storeReads<T>(store: Store, read: () => T, asked?: Asked): T {
  const context = current()
  return context === undefined ? read() : context.host.reading(context, store, read, asked)
}

/**
 * Whether the engine refuses a write of a live caller, as where its disk is full: the adapter then throws what its
 * driver throws. For adapters of stores that have `readonly` among their `faults`.
 *
 * @example
 * if (storeRefuses(store, { operation: 'insert orders', values: [order] })) throw new Error('no space left')
 */
export function storeRefuses(store: Store, asked: Asked): boolean {
  const context = current()
  return context !== undefined && context.host.refuses(context, store, asked)
}

/**
 * To be called before a live caller changes a store or opens a transaction. For adapters of stores that have
 * `remember`.
 *
 * @example
 * storeChanges(store)
 */
export function storeChanges(store: Store): void {
  const context = current()
  context?.host.changing(context, store)
}

/**
 * Ends the history with an error, and returns it to be thrown too, since the running code may catch it. For code that
 * asks a store for something that the store cannot do. For our own adapters.
 */
export function storeMisused(text: string): SetupError {
  const error = new SetupError(text)
  current()?.host.fail(error)
  return error
}

/** The running code has opened a transaction. Gives what to call at its end, where somebody asks what is left open. */
export function transactionOpened({ name }: Pick<Store, 'name'>): (() => void) | undefined {
  const context = current()
  if (context?.host.opened === undefined) return undefined
  const what = `a transaction of "${name}" open`
  return context.host.opened(context, { kind: 'transaction', what, caller: callerOf(transactionOpened) })
}

/**
 * Reports a call on a store, directly after it took effect. The plan may crash the caller here. For adapters.
 *
 * @example
 * storeCalled(store, { operation: 'insert orders', values: [order], write: true })
 */
export function storeCalled(store: Store, access: StoreAccess): void {
  const context = current()
  context?.host.stored(context, store, access)
}
