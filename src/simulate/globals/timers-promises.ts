// node:timers/promises in virtual time: setTimeout, setImmediate, setInterval and scheduler. Errors, AbortErrors among
// them, are Node's own: a native call with bad options or an aborted signal rejects at once, without starting a timer.
import timersPromises from 'node:timers/promises'
import { current, isDead, neverSettles, outsideContext, type Context } from '../context.ts'
import { replace } from './replace.ts'
import { startSoon, wholeDelay, type Start } from './timer.ts'

interface Options {
  readonly signal?: AbortSignal
  readonly ref?: boolean
}

/** Patches the promise-based timers. `util.promisify(setTimeout)` gives the same functions. */
export function installTimersPromises(): void {
  replace([timersPromises], 'setTimeout', (native) => (delay, value, options) => {
    const start: Start = (context, run) => context.host.arm(context, wholeDelay(delay), run, false)
    return wait(value, isNumber(delay) ? options : null, start, () => native(delay, value, options))
  })
  replace(
    [timersPromises],
    'setImmediate',
    (native) => (value, options) => wait(value, options, startSoon, () => native(value, options)),
  )
  replace([timersPromises], 'setInterval', (native) => (delay, value, options) => {
    const context = current()
    if (context === undefined || !isOptions(options) || !isNumber(delay)) return native(delay, value, options)
    return ticks(
      context,
      wholeDelay(delay),
      value,
      options,
      () => native(delay, value, options) as AsyncIterator<unknown>,
    ) // as documented
  })
  installScheduler(timersPromises.scheduler)
}

function installScheduler(scheduler: object): void {
  const { setTimeout: later, setImmediate: next } = timersPromises
  replace(
    [scheduler],
    'wait',
    (native) =>
      function (delay, options) {
        if (current() === undefined || !isOptions(options) || !isNumber(delay)) return native.call(this, delay, options)
        return later(Number(delay), undefined, options)
      },
  )
  replace(
    [scheduler],
    'yield',
    (native) =>
      function () {
        return current() === undefined ? native.call(this) : next()
      },
  )
}

function wait(value: unknown, options: unknown, start: Start, native: () => unknown): unknown {
  const context = current()
  if (context === undefined) return native()
  if (!isOptions(options) || options?.signal?.aborted === true) return outsideContext(native)
  return isDead(context.life) ? neverSettles() : waited(context, value, options, start, native)
}

function waited(
  context: Context,
  value: unknown,
  options: Options | undefined,
  start: Start,
  native: () => unknown,
): Promise<unknown> {
  const signal = options?.signal
  return new Promise((resolve) => {
    const timer = start(context, () => {
      signal?.removeEventListener('abort', abort)
      resolve(value)
    })
    function abort(): void {
      timer.cancel()
      if (!isDead(context.life)) resolve(outsideContext(native))
    }
    if (options?.ref === false) timer.keep(false)
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/**
 * Yields once for each tick, also for those that a slow consumer missed. Ends when the consumer returns or the signal
 * aborts.
 */
async function* ticks(
  context: Context,
  delayMs: number,
  value: unknown,
  options: Options | undefined,
  native: () => AsyncIterator<unknown>,
): AsyncGenerator<unknown, void> {
  const signal = options?.signal
  if (signal?.aborted === true) await outsideContext(native).next()
  if (isDead(context.life)) await neverSettles()
  let due = 0
  let wake: () => void = () => undefined
  const timer = context.host.arm(
    context,
    delayMs,
    () => {
      due += 1
      wake()
    },
    true,
  )
  if (options?.ref === false) timer.keep(false)
  const abort = (): void => wake()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    while (true) {
      if (signal?.aborted === true) await outsideContext(native).next()
      if (due === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      for (; due > 0; due--) yield value
    }
  } finally {
    timer.cancel()
    signal?.removeEventListener('abort', abort)
  }
}

function isNumber(delay: unknown): boolean {
  return delay === undefined || typeof delay === 'number'
}

function isOptions(options: unknown): options is Options | undefined {
  if (options === undefined) return true
  if (typeof options !== 'object' || options === null) return false
  // The cast holds: any object may be asked for any property
  const { signal, ref } = options as { readonly signal?: unknown; readonly ref?: unknown }
  const isSignal = signal === undefined || (typeof signal === 'object' && signal !== null && 'aborted' in signal)
  return isSignal && (ref === undefined || typeof ref === 'boolean')
}
