// setTimeout, setInterval, setImmediate and their clear functions, as globals and in node:timers. queueMicrotask and
// nextTick stay native: each step drains them. What util.promisify makes of timers is in timers-promises.ts.
import timersModule from 'node:timers'
import { current } from '../context.ts'
import { replace, type Callable } from './replace.ts'
import { SimulatedTimer, startSoon, timerByNumber, wholeDelay } from './timer.ts'

/** Patches the timers. */
export function installTimers(): void {
  const owners = [globalThis, timersModule]
  replace(owners, 'setTimeout', (native) => armed(native, false))
  replace(owners, 'setInterval', (native) => armed(native, true))
  replace(owners, 'setImmediate', immediate)
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) replace(owners, name, cleared)
}

function armed(native: Callable, periodic: boolean): Callable {
  return (callback, delay, ...args) => {
    const context = current()
    if (context === undefined || typeof callback !== 'function') return native(callback, delay, ...args)
    const delayMs = wholeDelay(delay)
    // Not a named function: tsx would spend 250 ns on naming it.
    return new SimulatedTimer(
      context,
      callback as Callable,
      args,
      (arming, run) => arming.host.arm(arming, delayMs, run, periodic),
      (run) => native(run, delayMs) as NodeJS.Timeout, // of setTimeout or setInterval
    )
  }
}

function immediate(native: Callable): Callable {
  return (callback, ...args) => {
    const context = current()
    if (context === undefined || typeof callback !== 'function') return native(callback, ...args)
    return new SimulatedTimer(context, callback as Callable, args, startSoon)
  }
}

function cleared(native: Callable): Callable {
  return (timer) => {
    const simulated = timer instanceof SimulatedTimer ? timer : byNumber(timer)
    if (simulated === undefined) return native(timer)
    simulated.clear()
    return undefined
  }
}

function byNumber(timer: unknown): SimulatedTimer | undefined {
  if (typeof timer !== 'number' && typeof timer !== 'string') return undefined
  const context = current()
  return context === undefined ? undefined : timerByNumber(context.host, timer)
}
