// Who wants to hear that no connection comes about for a request: undici counts its limits from when there is one. By
// the signal of the request, since that is all that whoever dispatches it has in common with `fetch`.

/** How long undici tries to connect, in milliseconds. */
export const undiciConnectMs = 10_000

const listeners = new WeakMap<AbortSignal, () => number | undefined>()

/**
 * Calls `heard` where no connection comes about for the request of a signal, and its platform goes on trying: as many
 * milliseconds as `heard` gives, or its own.
 */
export function whenUnconnected(signal: AbortSignal, heard: () => number | undefined): void {
  listeners.set(signal, heard)
}

/** No connection comes about for the request of a signal. */
export function hearUnconnected(signal: AbortSignal | undefined): number | undefined {
  return signal === undefined ? undefined : listeners.get(signal)?.()
}
