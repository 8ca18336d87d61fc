// AbortSignal.timeout in virtual time. As in Node, its timer keeps nothing going. AbortSignal.any stays native.
import { current, isDead } from '../context.ts'
import { replace } from './replace.ts'
import { wholeDelay } from './timer.ts'

/** The largest delay that Node accepts here. The native function rejects larger ones. */
const largestDelayMs = 2 ** 32 - 1

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
          controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
        context.host.arm(context, wholeDelay(delay), abort, false).keep(false)
        return controller.signal
      },
  )
}

function isDelay(delay: unknown): boolean {
  return typeof delay === 'number' && Number.isInteger(delay) && delay >= 0 && delay <= largestDelayMs
}
