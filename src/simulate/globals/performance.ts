// The monotonic clock: performance.now, process.hrtime and process.uptime show a node's timer clock.
// performance.timeOrigin is the correct start, so that timeOrigin + now() and Date.now() differ when the wall clock is
// wrong.
import { performance as nodePerformance } from 'node:perf_hooks'
import process from 'node:process'
import { epochMs } from '../clock.ts'
import { current, type Context } from '../context.ts'
import { put, replace, type Callable } from './replace.ts'

/** Patches the monotonic clocks. */
export function installPerformance(): void {
  const owners = new Set<object>([nodePerformance, performance])
  replace(
    owners,
    'now',
    (native) =>
      function () {
        const context = current()
        return context === undefined ? native.call(this) : context.host.timerMs(context.life)
      },
  )
  for (const owner of owners) installTimeOrigin(owner)
  replace([process], 'hrtime', hrtime)
  replace([process], 'uptime', (native) => () => {
    const context = current()
    return context === undefined ? native() : context.host.timerMs(context.life) / 1000
  })
}

function installTimeOrigin(owner: object): void {
  const native: unknown = Reflect.get(owner, 'timeOrigin')
  Reflect.defineProperty(owner, 'timeOrigin', {
    get: () => (current() === undefined ? native : epochMs),
    enumerable: false,
    configurable: true,
  })
}

function hrtime(native: Callable): Callable {
  const nativeBigint = Reflect.get(native, 'bigint') as () => bigint // process.hrtime.bigint, as documented
  const replacement = (previous: unknown): unknown => {
    const context = current()
    if (context === undefined) return native(previous)
    if (previous === undefined) return secondsAndNanos(nanoseconds(context))
    native(previous) // throws Node's own error for anything but a pair
    const [seconds, nanos] = previous as [number, number] // Node has just checked it
    return secondsAndNanos(nanoseconds(context) - seconds * 1e9 - nanos)
  }
  const bigint = (): bigint => {
    const context = current()
    return context === undefined ? nativeBigint() : BigInt(nanoseconds(context))
  }
  put(native, 'bigint', bigint) // the replacement gets it with all other properties
  return replacement
}

function nanoseconds(context: Context): number {
  return Math.round(context.host.timerMs(context.life) * 1e6)
}

function secondsAndNanos(nanos: number): [number, number] {
  const seconds = Math.floor(nanos / 1e9)
  return [seconds, nanos - seconds * 1e9]
}
