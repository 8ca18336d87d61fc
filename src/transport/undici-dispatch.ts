// undici's dispatch(options, handler) over the simulated network: what `fetch` does below its surface, and
// undici.request does too. A dispatcher that was given runs as it is, with its retries, interceptors and stubs; where
// it would open a socket, this sends the request. Limits on time and on connections count as undici counts them, in
// virtual time.
import { stringify, type ParsedUrlQueryInput } from 'node:querystring'
import type { Context, VirtualTimer } from '../simulate/context.ts'
import { callerOf, optionOf, userFrame } from '../simulate/globals.ts'
import { portOf } from './addresses.ts'
import { connectionOf } from './undici-connections.ts'
import { undiciConnectTimeout, undiciTimeout } from './failed-fetch.ts'
import { systemConnectMs } from './sockets/socket-errors.ts'
import { whenUnconnected } from './unconnected.ts'
import { Received } from './received.ts'
import { listenerOf, type DispatchListener } from './undici-handler.ts'

/** undici's Dispatcher.DispatchOptions, as far as they matter here. */
interface DispatchOptions {
  /** Absent where the dispatcher is bound to one origin. */
  readonly origin?: string | URL
  readonly path: string
  readonly method: string
  readonly headers?: unknown
  readonly body?: unknown
  readonly query?: ParsedUrlQueryInput
  readonly upgrade?: unknown
  readonly headersTimeout?: number | null
  readonly bodyTimeout?: number | null
}

/** Begins a request; the handler hears what becomes of it. */
export function dispatchOver(context: Context, dispatcher: object, given: object, handler: object): boolean {
  const options = given as DispatchOptions // undici checked them
  if (Boolean(options.upgrade) || options.method === 'CONNECT') {
    const what = 'the upgrade of a connection, as a WebSocket makes it'
    context.host.escaped(context, what, userFrame(callerOf(dispatchOver)))
    return true
  }
  const aborter = new AbortController()
  const listener = listenerOf(handler, (reason) => {
    aborter.abort(reason)
  })
  const origin = new URL(options.origin ?? String(optionOf(dispatcher, 'origin', 'url')))
  // Undici lends a connection out until the answer has been read, or fits into the buffer of who does not read it
  const closed = context.host.opened?.(context, {
    kind: 'socket',
    what: `a connection to ${origin.hostname}:${portOf(origin)}`,
    caller: callerOf(dispatchOver),
  })
  void exchange(context, dispatcher, origin, options, aborter, listener).finally(closed)
  return true
}

async function exchange(
  context: Context,
  dispatcher: object,
  origin: URL,
  options: DispatchOptions,
  aborter: AbortController,
  listener: DispatchListener,
): Promise<void> {
  const { signal } = aborter
  const connection = connectionOf(dispatcher, context, origin.origin)
  const limits = limitsOf(context, dispatcher, options, aborter)
  try {
    await connection.free
    listener.started()
    limits.begin('headers')
    // The limit on a head begins with a connection
    whenUnconnected(signal, () => limits.connects(origin))
    const response = await context.host.fetch(context, origin, initOf(options, signal), targetOf(options))
    limits.end()
    const { status, statusText, headers } = response
    listener.headed({ status, statusText, headers: [...headers] as [string, string][] })
    const whole = response instanceof Received ? response.whole() : undefined
    const pause = whole === undefined ? undefined : listener.received(whole) // in one stretch, as of one packet
    if (pause !== undefined) await unlessAborted(pause, signal)
    if (whole === undefined) await passOn(response, listener, limits, signal)
    listener.ended(response instanceof Received ? response.trailers() : [])
  } catch (error) {
    limits.end()
    // Undici names the cause
    listener.failed(error instanceof TypeError && error.cause !== undefined ? error.cause : error)
  } finally {
    connection.release()
  }
}

async function passOn(
  { body }: Response,
  listener: DispatchListener,
  limits: TimeLimits,
  signal: AbortSignal,
): Promise<void> {
  const reader = body?.getReader()
  while (reader !== undefined) {
    limits.begin('body')
    const { done, value } = await reader.read()
    limits.end()
    if (done) return
    const pause = listener.received(value)
    if (pause !== undefined) await unlessAborted(pause, signal)
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  if (signal.aborted) reject(signal.reason)
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return Promise.race([work, aborted])
}

/** How long a dispatcher waits for a head, and for the next piece of a body; nothing may last longer once begun. */
interface TimeLimits {
  begin(part: 'headers' | 'body'): void
  /** Connecting takes long: it has a limit of its own. Gives how long its system tries, where it has told the limit. */
  connects(url: URL): number | undefined
  end(): void
}

function limitsOf(
  context: Context,
  dispatcher: object,
  options: DispatchOptions,
  aborter: AbortController,
): TimeLimits {
  let timer: VirtualTimer | undefined
  return {
    begin(part) {
      const limitMs = options[`${part}Timeout`] ?? optionOf(dispatcher, `${part}Timeout`, `${part} timeout`)
      if (typeof limitMs !== 'number' || limitMs === 0) return
      timer = context.host.arm(context, limitMs, () => aborter.abort(undiciTimeout(part)), false)
    },
    connects(url) {
      timer?.cancel()
      const limitMs = optionOf(dispatcher, 'connectTimeout') ?? timeoutIn(optionOf(dispatcher, 'connect'))
      if (typeof limitMs !== 'number') return undefined
      if (limitMs > 0)
        timer = context.host.arm(context, limitMs, () => aborter.abort(undiciConnectTimeout(url, limitMs)), false)
      return systemConnectMs
    },
    end: () => timer?.cancel(),
  }
}

/** undici takes `connect: { timeout }` as well. */
function timeoutIn(connect: unknown): unknown {
  return typeof connect === 'object' && connect !== null ? Reflect.get(connect, 'timeout') : undefined
}

function targetOf({ path, query }: DispatchOptions): string {
  const asked = query === undefined ? '' : stringify(query)
  return asked === '' ? path : `${path}?${asked}`
}

function initOf({ method, headers, body }: DispatchOptions, signal: AbortSignal): RequestInit {
  const sent = pairsOf(headers).filter(([name, value]) => !isEngines(name.toLowerCase(), value))
  return {
    method,
    headers: sent,
    redirect: 'manual',
    signal,
    ...(body === undefined || body === null ? {} : { body: bodyOf(body), duplex: 'half' }),
  } as RequestInit // `duplex` is not in the DOM's types yet
}

/** undici takes a list of names and values in turn, pairs, or an object whose values may be lists. */
function pairsOf(headers: unknown): [string, string][] {
  if (typeof headers !== 'object' || headers === null) return []
  const given: unknown[] = Symbol.iterator in headers ? [...(headers as Iterable<unknown>)] : Object.entries(headers)
  if (!Array.isArray(given[0])) return given.flatMap((name, i) => (i % 2 === 0 ? pair(name, given[i + 1]) : []))
  return given.flatMap((entry) => pair(...(entry as [unknown, unknown])))
}

function pair(name: unknown, value: unknown): [string, string][] {
  return (Array.isArray(value) ? value : [value]).map((one): [string, string] => [String(name), String(one)])
}

/** What undici says about itself and its connection: no message between simulated nodes has it. */
function isEngines(name: string, value: string): boolean {
  return ofConnection.has(name) || ofEngine[name] === value
}

const ofConnection = new Set(['host', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', 'expect'])

const ofEngine: Readonly<Record<string, string>> = {
  accept: '*/*',
  'accept-language': '*',
  'accept-encoding': 'gzip, deflate',
  'sec-fetch-mode': 'cors',
  'user-agent': 'node',
}

/** The platform's Request gives text a type, and takes pieces only where they come one after the other. */
function bodyOf(body: unknown): unknown {
  if (typeof body === 'string') return Buffer.from(body)
  const isPieces =
    typeof body === 'object' &&
    body !== null &&
    Symbol.iterator in body &&
    !ArrayBuffer.isView(body) &&
    !(body instanceof FormData) &&
    !(body instanceof URLSearchParams)
  return isPieces ? inTurn(body as Iterable<unknown>) : body
}

async function* inTurn(pieces: Iterable<unknown>): AsyncGenerator {
  yield* pieces
}
