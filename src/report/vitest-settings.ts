// What the run of vitest was set to, as its worker keeps it: not public, so that it may be missing. Knows no vitest.

const minuteMs = 60_000

/** vitest's default of five seconds is made for tests that run their code once. */
export function defaultTimeoutMs(): number {
  const configured = settings()?.testTimeout ?? minuteMs
  return configured === 0 ? 0 : Math.max(minuteMs, configured)
}

/** The same for all tests of one run of vitest, and for none of another. */
export function runId(): string {
  return String(settings()?.sequence?.seed)
}

interface Settings {
  readonly testTimeout?: number
  /** Another seed in each run, unless it is set. */
  readonly sequence?: { readonly seed?: number }
}

function settings(): Settings | undefined {
  const { __vitest_worker__: worker } = globalThis as { readonly __vitest_worker__?: { readonly config?: Settings } }
  return worker?.config
}
