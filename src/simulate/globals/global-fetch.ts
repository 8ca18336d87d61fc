// globalThis.fetch. It is replaced only while histories run, since msw's listen and close wrap and unwrap it in
// between.
import { bug } from '../../plain/bug.ts'

let depth = 0
let fetchBefore: PropertyDescriptor | undefined
let lent: typeof fetch | undefined

/** Puts the simulation's fetch in place, around any other. One `restoreFetch` undoes one call; runs may overlap. */
export function assertFetch(replacement: typeof fetch): void {
  if (depth === 0) fetchBefore = Object.getOwnPropertyDescriptor(globalThis, 'fetch')
  depth += 1
  lent = replacement
  Object.defineProperty(globalThis, 'fetch', {
    value: replacement,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

/** Ends one run. The last one puts back exactly what was there before the first. */
export function restoreFetch(): void {
  if (depth === 0) bug('fetch was restored more often than it was replaced.')
  depth -= 1
  if (depth > 0) return
  if (fetchBefore === undefined) Reflect.deleteProperty(globalThis, 'fetch')
  else Object.defineProperty(globalThis, 'fetch', fetchBefore)
}

/** The fetch for code outside any simulation: what was there before the run, also for code that kept ours after it. */
export function nativeFetch(): typeof fetch {
  if (depth === 0 && globalThis.fetch !== lent) return globalThis.fetch
  const found: unknown = fetchBefore?.get === undefined ? fetchBefore?.value : fetchBefore.get.call(globalThis)
  if (typeof found !== 'function')
    throw new Error('There is no fetch outside the simulation: globalThis.fetch was not a function when the run began.')
  return found as typeof fetch // a function that was the value of globalThis.fetch
}
