// Date on a node's wall clock. The replacement is a function that shares the native prototype, so that calling it,
// instanceof, subclasses and structuredClone work as usual. Its instances are native dates. It has to be another
// function: `new Date()` of the native one asks V8's own clock, and no hook of V8 or Node lies in between. Knows no
// history.
import { current, type Context } from '../context.ts'
import { adoptHolders } from './early-holders.ts'
import { installRealDates } from './real-dates.ts'
import { imitate, put, replace, type Callable } from './replace.ts'

/** Patches Date, and Intl.DateTimeFormat, which reads the clock where it is given no date. */
export function installDate(): void {
  const Native = Date
  const nativeNow = Native.now

  function SimulatedDate(...args: unknown[]): unknown {
    const context = current()
    if (new.target === undefined) return context === undefined ? Native() : new Native(wall(context)).toString()
    const given = context !== undefined && args.length === 0 ? [wall(context)] : args
    return Reflect.construct(Native, given, new.target === SimulatedDate ? Native : new.target)
  }

  function now(): number {
    const context = current()
    return context === undefined ? nativeNow() : context.host.wallMs(context.life)
  }

  imitate(SimulatedDate, Native)
  Reflect.defineProperty(SimulatedDate, 'prototype', { value: Native.prototype, writable: false })
  imitate(now, nativeNow)
  for (const date of [SimulatedDate, Native]) put(date, 'now', now) // the native one too: somebody may have kept it
  put(Native.prototype, 'constructor', SimulatedDate)
  put(globalThis, 'Date', SimulatedDate)
  installRealDates(Native.prototype, nativeNow)
  adoptHolders(Native, SimulatedDate)
  installDateTimeFormat()
}

function wall(context: Context): number {
  return context.host.wallMs(context.life)
}

function installDateTimeFormat(): void {
  const prototype: object = Intl.DateTimeFormat.prototype
  const format = Object.getOwnPropertyDescriptor(prototype, 'format')
  if (format?.get !== undefined) Reflect.defineProperty(prototype, 'format', { ...format, get: dated })
  replace([prototype], 'formatToParts', withDate)

  function dated(this: unknown): unknown {
    const native = format?.get?.call(this) as Callable // the getter returns a function that is bound to its formatter
    return current() === undefined ? native : withDate(native)
  }
}

/** A formatter's function that formats the simulated present where no date is given. */
function withDate(native: Callable): Callable {
  return function format(date) {
    const context = current()
    return native.call(this, date === undefined && context !== undefined ? wall(context) : date)
  }
}
