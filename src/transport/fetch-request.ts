// What `fetch` was called with, as a request on the wire: by a short cut where plain data suffices, otherwise by the
// platform's own Request.
import type { Host } from '../simulate/context.ts'
import { keepLimit } from '../simulate/globals/abort.ts'
import { plainBody, withFixedBoundary } from './body.ts'
import type { WireRequest } from './wire.ts'

/** What `fetch` was asked for, as it leaves. */
export interface FetchRequest {
  readonly request: WireRequest
  readonly signal: AbortSignal | undefined
  readonly redirect: RequestRedirect
  /** The body was a stream: it is gone, and cannot be sent again after a redirect. */
  readonly streamed: boolean
}

/**
 * The request from what plain data says, where that is enough; whatever is unusual, or wrong, is left to the platform's
 * own Request.
 */
export function leanRequest(input: string | URL | Request, init: RequestInit | undefined): FetchRequest | undefined {
  const url = input instanceof Request || !isLean(init) ? null : URL.parse(String(input))
  if (url === null) return undefined
  const { method = 'GET', headers: given, body: whatever, signal, redirect = 'follow' } = init ?? {}
  const body = plainBody(whatever)
  if (
    body === undefined ||
    url.username !== '' ||
    url.password !== '' ||
    (body !== null && (method === 'GET' || method === 'HEAD'))
  )
    return undefined
  const headers = given === undefined ? noHeaders : ([...new Headers(given)] as [string, string][])
  return {
    request: {
      method,
      url: withoutFragment(url),
      headers,
      ...spelled(given),
      body: textual(body, headers),
    },
    signal: signal ?? undefined,
    redirect,
    streamed: false,
  }
}

/** Headers and Requests keep theirs to themselves. */
function spelled(given: RequestInit['headers']): Pick<WireRequest, 'spelling'> {
  if (given === undefined || given instanceof Headers) return {}
  const spelling = new Map<string, string>()
  for (const written of Array.isArray(given) ? given.map(([name]) => name) : Object.keys(given)) {
    const name = written.toLowerCase()
    if (name !== written && !spelling.has(name)) spelling.set(name, written)
  }
  return spelling.size === 0 ? {} : { spelling }
}

const plainMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
const leanKeys = new Set(['method', 'headers', 'body', 'signal', 'redirect'])
const redirectModes = new Set(['follow', 'manual', 'error'])

function isLean(init: unknown): init is RequestInit | undefined {
  if (init === undefined) return true
  if (typeof init !== 'object' || init === null) return false
  for (const key in init) if (!leanKeys.has(key)) return false
  const { method = 'GET', signal = null, redirect = 'follow' } = init as RequestInit // checked right here
  return plainMethods.has(method) && redirectModes.has(redirect) && (signal === null || signal instanceof AbortSignal)
}

const noHeaders: readonly (readonly [string, string])[] = []

/** A fragment stays with the client. */
export function withoutFragment(url: URL): URL {
  if (url.hash !== '') url.hash = ''
  return url
}

/**
 * The signal of a Request hears nothing any more once that is collected: whoever holds the signal holds the Request. So
 * no history depends on when memory is collected.
 */
const owners = new WeakMap<AbortSignal, Request>()

/** The request as the platform builds it, which also throws what the platform throws. */
export async function wholeRequest(
  host: Host,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<FetchRequest> {
  host.touch()
  const request = new Request(input, init)
  const signal = (init?.signal === undefined && input instanceof Request ? input.signal : init?.signal) ?? undefined
  if (signal !== undefined && input instanceof Request) owners.set(signal, input)
  if (signal !== undefined) keepLimit(signal) // the Request above listens to it until it is collected
  const drawn = [...request.headers] as [string, string][]
  const form = withFixedBoundary(drawn)
  const headers = form?.headers ?? drawn
  const bytes = request.body === null ? null : await allOf(request.body, signal)
  return {
    request: {
      method: request.method,
      url: withoutFragment(new URL(request.url)),
      headers,
      ...spelled(init?.headers),
      body: textual(bytes === null ? null : (form?.fix(bytes) ?? bytes), headers),
    },
    signal,
    redirect: request.redirect,
    streamed: isStream(init?.body),
  }
}

function isStream(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    !(body instanceof FormData) &&
    !(body instanceof URLSearchParams) &&
    Symbol.asyncIterator in body
  )
}

/** A body that is made while the caller waits may fail, or be given up. */
async function allOf(body: AsyncIterable<unknown>, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (isAborted(signal)) throw signal?.reason
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal?.reason as Error) // whatever the caller aborted with
  signal?.addEventListener('abort', abort)
  try {
    return Buffer.concat(await Promise.race([piecesOf(body), aborted]))
  } catch (error) {
    throw isAborted(signal) ? error : new TypeError('fetch failed', { cause: error })
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

async function piecesOf(body: AsyncIterable<unknown>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  // Node sends text; Buffer.concat throws at what is neither
  for await (const piece of body) pieces.push(typeof piece === 'string' ? Buffer.from(piece) : (piece as Uint8Array))
  return pieces
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/**
 * Bytes that are text travel as text, so that aliases are found in them. Without a type they stay bytes: text would be
 * given one.
 */
function textual(body: string | Uint8Array | null, headers: WireRequest['headers']): string | Uint8Array | null {
  if (body === null || typeof body === 'string' || !headers.some(([name]) => name === 'content-type')) return body
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return body // not UTF-8: it stays bytes
  }
}
