// Request.clone in a simulation. Natively the signal of a clone hears of its original's only until memory is collected
// (undici keeps its controller by a WeakRef), so that a call could end in one run and not in the next.
import { current } from '../context.ts'
import { platformClass } from './platform-class.ts'
import { replace } from './replace.ts'

/** Patches Request.clone: the signal of a clone is that of its original. */
export function installRequestClone(): void {
  replace(
    [platformClass(Request).prototype],
    'clone',
    (native) =>
      function () {
        const copy = native.call(this) as Request // as the platform documents it
        const original = this as Request // a method's
        if (current() === undefined) return copy
        return Object.defineProperty(copy, 'signal', { configurable: true, get: () => original.signal })
      },
  )
}
