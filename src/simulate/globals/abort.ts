// AbortSignal.timeout in virtual time. As in Node its timer does not keep anything going. AbortSignal.any stays native.
import { getEventListeners } from 'node:events'
import { withoutStack } from '../../plain/without-stack.ts'
import { current, inOwnFrame, isDead } from '../context.ts'
import { replace } from './replace.ts'
import { wholeDelay } from './timer.ts'

/** The largest delay that Node accepts here. The native function rejects larger ones. */
const largestDelayMs = 2 ** 32 - 1

/** What is known of who waits for a signal of `AbortSignal.timeout`. */
interface Limit {
  /** Calls that it would end now. */
  calls: number
  /** It was given to calls, and all of them have ended. */
  isSpent: boolean
  /** Who else listens to it cannot be known. */
  isKept: boolean
}

const limits = new WeakMap<AbortSignal, Limit>()

/** A call waits that this signal would end. Returns what to call when it waits no more; undefined for other signals. */
export function useLimit(signal: AbortSignal): (() => void) | undefined {
  const limit = limits.get(signal)
  if (limit === undefined) return undefined
  limit.calls += 1
  limit.isSpent = false
  return () => {
    limit.calls -= 1
    limit.isSpent = limit.calls === 0
  }
}

/** The signal's timer counts until it fires, whatever becomes of the calls that it was given to. */
export function keepLimit(signal: AbortSignal): void {
  const limit = limits.get(signal)
  if (limit !== undefined) limit.isKept = true
}

/** Patches AbortSignal.timeout. */
export function installAbort(): void {
  replace(
    [AbortSignal],
    'timeout',
    (native) =>
      function (delay) {
        const context = current()
        if (context === undefined || !isDelay(delay)) return native.call(this, delay)
        const controller = new AbortController()
        if (isDead(context.life)) return controller.signal
        const abort = (): void =>
          controller.abort(
            withoutStack(() => new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
          )
        const timer = context.host.arm(context, wholeDelay(delay), inOwnFrame(abort), false)
        timer.keep(false)
        const { signal } = controller
        const limit: Limit = { calls: 0, isSpent: false, isKept: false }
        limits.set(signal, limit)
        timer.spentIf(() => limit.isSpent && !limit.isKept && getEventListeners(signal, 'abort').length === 0)
        return signal
      },
  )
}

function isDelay(delay: unknown): boolean {
  return typeof delay === 'number' && Number.isInteger(delay) && delay >= 0 && delay <= largestDelayMs
}
