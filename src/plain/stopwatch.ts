// Real time that has passed: for limits on how long a test explores, never for anything in a history.

export interface Stopwatch {
  elapsedMs(): number
}

/** Starts now. */
export function startStopwatch(): Stopwatch {
  const startMs = performance.now()
  return { elapsedMs: () => performance.now() - startMs }
}
