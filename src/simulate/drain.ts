// Draining: the next step may only begin when everything that the last one started has come to rest. A native
// setImmediate callback runs only after all pending microtasks and nextTicks, whatever their depth, so one turn of the
// event loop drains them. Work that itself takes turns of the event loop (blobs, native immediates, real I/O) needs two
// idle turns.
import {
  clearTimeout as firstClearTimeout,
  setImmediate as firstSetImmediate,
  setTimeout as firstSetTimeout,
} from 'node:timers'

/** As they were when Node began: a set-up file may have faked the globals before this module was loaded. */
const nativeSetImmediate: typeof setImmediate = firstSetImmediate
const [nativeSetTimeout, nativeClearTimeout] = [firstSetTimeout, firstClearTimeout]

/**
 * How many turns are queued at once. Immediates of one loop iteration run back to back, each after a full drain, at an
 * eighth of the cost.
 */
const batch = 16

/** Calls `turn` once after each drain until it returns false. */
export function drains(turn: () => boolean): void {
  let queued = 0
  let over = false
  const run = (): void => {
    queued -= 1
    if (over) return
    if (queued === 0) queue()
    if (!turn()) over = true
  }
  const queue = (): void => {
    for (; queued < batch; queued++) nativeSetImmediate(run)
  }
  queue()
}

/** Resolves after two whole turns of the event loop. */
export function loopTurns(then: () => void): void {
  nativeSetImmediate(() => nativeSetImmediate(then))
}

/** Calls back so many milliseconds of real time later. Returns what cancels it. */
export function afterRealMs(ms: number, then: () => void): () => void {
  const timer = nativeSetTimeout(then, ms)
  return () => nativeClearTimeout(timer)
}
