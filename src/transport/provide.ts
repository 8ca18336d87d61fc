// How a provider delivers: again and again until what it delivers is accepted, or it gives up. What it sends, and when
// it gives up, is its caller's.
import { bug } from '../plain/bug.ts'
import { current, type Context } from '../simulate/context.ts'

/**
 * Makes attempts until one is answered with 2xx. Resolves to the last answer.
 *
 * @param attempt undefined where it has no answer
 * @param pauseMs how long it waits after an attempt, 1 for the first, in milliseconds of virtual time; undefined where
 *   it gives up
 */
export async function untilAccepted(
  attempt: () => Promise<Response | undefined>,
  pauseMs: (attempts: number) => number | undefined,
): Promise<Response | undefined> {
  for (let attempts = 1; ; attempts++) {
    const response = await attempt()
    const ms = response?.ok === true ? undefined : pauseMs(attempts)
    if (ms === undefined) return response
    await pause(ms)
  }
}

/** Sends one request. Undefined where it is refused, reset or timed out. Redirects are answers, and not followed. */
export async function post(url: string, init: RequestInit, withinMs: number): Promise<Response | undefined> {
  try {
    return await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(withinMs), ...init })
  } catch {
    return undefined
  }
}

/** Waits so many milliseconds of virtual time, for which the history goes on. */
export function pause(ms: number): Promise<void> {
  const context = running()
  const { host } = context
  host.extent.expects(host.nowMs + ms)
  return new Promise((resolve) => {
    host.arm(context, ms, resolve, false)
  })
}

/** The time of the sender's own clock, in milliseconds since the epoch. */
export function clockMs(): number {
  const { host, life } = running()
  return host.wallMs(life)
}

/** The context of a delivery. */
export function running(): Context {
  return current() ?? bug('a delivery outside a simulation')
}
