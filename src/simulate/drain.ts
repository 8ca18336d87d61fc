// Quiescence: between two steps everything that the first set in motion must have come to rest.
// A native setImmediate callback runs only after all microtasks and nextTicks before it, whatever their depth, so one
// turn drains them. Work that takes turns of the event loop itself (blobs, native immediates, real I/O) needs two idle
// ones.

const nativeSetImmediate: typeof setImmediate = globalThis.setImmediate

/**
 * Turns queued at once: immediates of one loop iteration run back to back, each after a full drain, at an eighth of the
 * cost.
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
