// Redirects: where they lead, and what is asked for there (WHATWG Fetch, section 4.4, HTTP-redirect fetch).
import { failedFetch } from './failed-fetch.ts'
import { withoutFragment } from './fetch-request.ts'
import type { WireRequest } from './wire.ts'

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/** Whether a reply with this status leads elsewhere. Most do not: that is decided without a look-up. */
export function isRedirect(status: number): boolean {
  return status >= 301 && status <= 308 && redirectStatuses.has(status)
}

/** Where a redirect leads. @throws what the platform throws where it must not lead there */
export function destination(location: string, base: URL): URL {
  const url = withoutFragment(resolved(location, base))
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw failedFetch('URL scheme must be a HTTP(S) scheme')
  if (url.username !== '' || url.password !== '') throw failedFetch('cross origin not allowed for request mode "cors"')
  return url
}

function resolved(location: string, base: URL): URL {
  try {
    return new URL(location, base)
  } catch (cause) {
    throw new TypeError('fetch failed', { cause })
  }
}

/**
 * WHATWG Fetch, HTTP-redirect fetch: 303, and 301 and 302 of a POST, become GET without a body; credentials stay at
 * their origin.
 */
export function redirectedRequest(request: WireRequest, status: number, url: URL): WireRequest {
  const becomesGet =
    (status === 303 && request.method !== 'GET' && request.method !== 'HEAD') ||
    ((status === 301 || status === 302) && request.method === 'POST')
  const dropped = new Set([
    ...(becomesGet
      ? ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']
      : []),
    ...(url.origin === request.url.origin ? [] : ['authorization', 'proxy-authorization', 'cookie', 'host']),
  ])
  return {
    method: becomesGet ? 'GET' : request.method,
    url,
    body: becomesGet ? null : request.body,
    headers: request.headers.filter(([name]) => !dropped.has(name)),
  }
}
