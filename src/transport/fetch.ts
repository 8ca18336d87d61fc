// `fetch` between simulated nodes: the platform's Request and Response outside, bytes in between. Lean: one Request a
// delivery, built at its target, and a Response whose body is read without a stream unless somebody asks for one.
import type { WireReply, WireRequest } from '../history/message.ts'
import { current, isDead, neverSettles, outsideContext, type Context } from '../simulate/context.ts'
import { chosenDispatcher, installDispatchers, nativeFetch } from '../simulate/globals.ts'
import type { Links } from '../simulate/link.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { Node } from '../simulate/node-state.ts'
import type { World } from '../simulate/world.ts'
import { withoutCoding } from './content-coding.ts'
import { plainRequest, sentUrl, wholeRequest, type FetchRequest } from './fetch-request.ts'
import { Received } from './received.ts'
import { dispatchOver } from './undici-dispatch.ts'

/** How calls of one world find their callee. */
export interface Network {
  readonly world: World
  readonly links: Links
  /** The callee of a URL; undefined where nobody answers. */
  find(url: URL): Node | undefined
  /** Whether the running operation repeats what was not answered. */
  atLeastOnce(context: Context): boolean
}

/** Held on the world itself: a WeakMap would keep dead worlds until a full garbage collection. */
const ofWorld: unique symbol = Symbol('network')
let running = 0

/** Told by each simulation as it starts; call the result when it is over. */
export function connect(network: Network): () => void {
  Object.assign(network.world, { [ofWorld]: network })
  running += 1
  return () => {
    running -= 1
  }
}

/** The platform's own limit on following redirects (WHATWG Fetch, section 4.4). */
const maxRedirects = 20

/** `fetch` inside a simulation; the platform's own outside of one. */
export const simulatedFetch: typeof fetch = (input, init) => {
  const context = current()
  if (context === undefined) return running === 0 ? nativeFetch()(input, init) : Promise.reject(noNode(input))
  if (isDead(context.life)) return neverSettles()
  return chosenDispatcher(init) === undefined ? send(context, input, init, withoutCoding) : nativeFetch()(input, init)
}

/** Lets a request that undici dispatches in a simulation take the same way. */
export function simulateDispatchers(): void {
  const asItIs = (reply: WireReply): WireReply => reply // undici's users undo the coding themselves
  installDispatchers((context, ...dispatched) =>
    dispatchOver((...sent) => send(...sent, asItIs), context, ...dispatched),
  )
}

type Decode = (reply: WireReply, method: string) => WireReply

function send(
  context: Context,
  input: string | URL | Request,
  init: RequestInit | undefined,
  decode: Decode,
): Promise<Response> {
  const network = (context.host as { [ofWorld]?: Network })[ofWorld] // set above
  if (network === undefined) return Promise.reject(new Error('Bug: a simulation without a network'))
  const request = plainRequest(input, init)
  return request === undefined
    ? wholeRequest(network.world, input, init).then((built) => start(network, context, built, decode))
    : start(network, context, request, decode)
}

function noNode(input: unknown): Error {
  return new Error(
    `fetch(${input instanceof Request ? input.url : String(input)}) was called during a simulation by code that ` +
      'belongs to no node: ' +
      'its context was lost, as in a batching library or a module-level queue. Wrap the callback that is ' +
      'queued: bind(() => ...), from "two-generals".',
  )
}

function start(network: Network, context: Context, outgoing: FetchRequest, decode: Decode): Promise<Response> {
  const { signal, request } = outgoing
  if (signal?.aborted === true) return Promise.reject(signal.reason as Error) // whatever the caller aborted with
  if (isDead(context.life)) return neverSettles()
  const { protocol } = request.url
  if (protocol === 'http:' || protocol === 'https:')
    return follow(network, context, outgoing, { count: 0, crossed: false, decode })
  const init = {
    method: request.method,
    headers: request.headers as [string, string][],
    body: request.body as BodyInit | null,
  }
  return network.world.await(
    context,
    'fetch',
    outsideContext(() => nativeFetch()(request.url, init)),
  ) // data: and blob: are no network
}

/** The redirects of one fetch so far, and whether one led to another origin. */
interface Trail {
  readonly count: number
  readonly crossed: boolean
  readonly decode: Decode
}

async function follow(
  network: Network,
  context: Context,
  outgoing: FetchRequest,
  { count, crossed, decode }: Trail,
): Promise<Response> {
  const reply = await call(network, context, outgoing)
  const { request, redirect, signal } = outgoing
  const { status } = reply
  const moved = status >= 301 && status <= 308 && redirectStatuses.has(status)
  if (moved && redirect === 'error') throw failed('unexpected redirect')
  const location = moved && redirect === 'follow' ? reply.headers.find(([name]) => name === 'location')?.[1] : undefined
  if (location === undefined)
    return new Received(
      decode(reply, request.method),
      { url: request.url.href, redirected: count > 0, crossed, method: request.method, signal },
      network.world,
    )
  const url = destination(location, request.url)
  if (count === maxRedirects) throw failed('redirect count exceeded')
  if (outgoing.streamed && status !== 303) throw failed('')
  return follow(
    network,
    context,
    { ...outgoing, request: redirected(request, status, url) },
    { count: count + 1, crossed: crossed || url.origin !== request.url.origin, decode },
  )
}

const redirectStatuses = new Set([301, 302, 303, 307, 308])

function destination(location: string, base: URL): URL {
  const url = sentUrl(resolved(location, base))
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw failed('URL scheme must be a HTTP(S) scheme')
  if (url.username !== '' || url.password !== '') throw failed('cross origin not allowed for request mode "cors"')
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
function redirected(request: WireRequest, status: number, url: URL): WireRequest {
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

function call(network: Network, context: Context, { request, signal }: FetchRequest): Promise<WireReply> {
  const { world, links } = network
  const target = network.find(request.url)
  if (target === undefined) {
    world.fail(unknownUrl(world, context, request))
    return neverSettles()
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      issued.settled = true
      reject(signal?.reason as Error) // whatever the caller aborted with, as the platform does
    }
    const done = (): void => signal?.removeEventListener('abort', abort)
    const issued = links.issue(world, context, target, request, network.atLeastOnce(context), {
      answer(reply) {
        done()
        if (reply.status === 0) reject(failed('reset'))
        else resolve(reply)
      },
      fail(failure) {
        done()
        reject(failed(failure))
      },
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}

function unknownUrl(world: World, { life }: Context, { method, url }: WireRequest): SetupError {
  const nodes = [...world.nodes.keys()].map((name) => `http://${name}`).join(', ')
  return new SetupError(
    `"${life.within === undefined ? life.node : 'client'}" called ${method} ${url.href}, and nobody answers there. ` +
      `The nodes are ${nodes}. Name the node after the host, give it \`at: "${url.origin}"\`, or stub the host ` +
      `with an msw handler in \`outside\`.`,
  )
}

/** A failed fetch as undici throws it. */
function failed(failure: string): TypeError {
  return new TypeError('fetch failed', {
    cause:
      causes[failure] === undefined
        ? new Error(failure)
        : Object.assign(new Error(causes[failure].message), causes[failure].fields),
  })
}

const causes: Readonly<Record<string, { readonly message: string; readonly fields: object }>> = {
  refused: { message: 'connect ECONNREFUSED', fields: { code: 'ECONNREFUSED', syscall: 'connect' } },
  reset: { message: 'read ECONNRESET', fields: { code: 'ECONNRESET', syscall: 'read' } },
  timeout: {
    message: 'Headers Timeout Error',
    fields: { name: 'HeadersTimeoutError', code: 'UND_ERR_HEADERS_TIMEOUT' },
  },
}
