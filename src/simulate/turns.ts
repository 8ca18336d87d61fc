// Turns: only one test at a time explores in this worker, since all share stores, modules and the patched globals.
// Other tests wait (`describe.concurrent`). Must not know what is done in a turn.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Store } from '../system/store.ts'

let last: Promise<unknown> = Promise.resolve()
const holders = new AsyncLocalStorage<true>()

/**
 * Runs a function after all earlier turns; inside a turn at once, for example when a set-up simulates something itself.
 */
export function inTurn<T>(run: () => Promise<T>): Promise<T> {
  if (holders.getStore() === true) return run()
  const turn = last.then(() => holders.run(true, run))
  last = turn.catch(() => undefined) // the caller of this turn gets the error
  return turn
}

let lastOfStores: Promise<unknown> = Promise.resolve()

/**
 * Histories with stores take turns: a store has one content, and a driver is patched once for all of its databases.
 */
export function oneAtATime<T>(stores: readonly Store[], run: () => Promise<T>): Promise<T> {
  if (stores.length === 0) return run()
  const turn = lastOfStores.then(run)
  lastOfStores = turn.catch(() => undefined) // the caller of this turn gets the error
  return turn
}
