// Code that took the native Date into a variable before the package was loaded makes dates of the real time, which
// nothing can prevent: they are refused, by name, where they are read inside a simulation. Such a date lies between
// the real beginning of the history and the present; a virtual one does so only by a chance of one in many millions.
import { current } from '../context.ts'
import { replace, type Callable } from './replace.ts'
import { callerOf, userFrame } from './user-frame.ts'

let beganMs = Infinity
let realNow: () => number = () => 0

/** Called by each history as it begins. */
export function watchRealDates(): void {
  beganMs = realNow()
}

/** Patches what reads a date. @param now the real clock */
export function installRealDates(prototype: Date, now: () => number): void {
  realNow = now
  const native = Reflect.get(prototype, 'getTime') as Callable // gives a number, or throws
  for (const name of ['getTime', 'valueOf', 'toISOString', 'toString']) {
    replace(
      [prototype],
      name,
      (read) =>
        function readDate(...args) {
          const context = current()
          if (context !== undefined) {
            const ms = Number(native.call(this))
            if (ms > beganMs && ms <= now()) context.host.escaped(context, what, userFrame(callerOf(readDate)))
          }
          return read.apply(this, args)
        },
    )
  }
}

const what =
  'a date of the real time (made by a Date that was taken into a variable before two-generals was loaded? Load ' +
  '"two-generals/preload" first: under vitest in `setupFiles`, otherwise by node --import), read'
