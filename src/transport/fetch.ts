// `fetch` between simulated nodes: the platform's Request and Response outside, bytes in between. Lean: one Request a
// delivery, built at its target, and a Response whose body is read without a stream unless somebody asks for one.
import { current, isDead, neverSettles, outsideContext, type Context } from '../simulate/context.ts'
import { chosenDispatcher, installDispatchers, nativeFetch } from '../simulate/globals.ts'
import { useLimit } from '../simulate/globals/abort.ts'
import type { Links } from '../simulate/link.ts'
import { giveUp } from '../simulate/give-up.ts'
import type { World } from '../simulate/world.ts'
import { reachOf, unknownUrl, type FindCallee } from './addresses.ts'
import { withoutCoding } from './content-coding.ts'
import { failedFetch } from './failed-fetch.ts'
import { leanRequest, wholeRequest, type FetchRequest } from './fetch-request.ts'
import { http } from './http.ts'
import { placeOf } from './raw-target.ts'
import { Received } from './received.ts'
import { destination, isRedirect, redirectedRequest } from './redirect.ts'
import { httpEndpoint } from './sockets/http-endpoint.ts'
import { assertConnect } from './sockets/patch-sockets.ts'
import { closeSockets, lendSockets } from './sockets/sockets-of.ts'
import { dispatchOver } from './undici-dispatch.ts'
import { hearUnconnected } from './unconnected.ts'
import type { WireReply, WireRequest } from './wire.ts'

/** How calls of one world find their callee. */
export interface Network {
  readonly world: World
  readonly links: Links
  readonly find: FindCallee
}

let running = 0

/** Called by each simulation as it starts. Returns what to call when it is over. */
export function connect(network: Network): () => void {
  const { world } = network
  world.fetch = (context, ...asked) => fetchOver(network, context, ...asked)
  const unknown = (context: Context, request: WireRequest): void => world.fail(unknownUrl(world, context, request))
  const sockets = lendSockets(world, httpEndpoint({ ...network, unknown }))
  world.close = () => closeSockets(sockets)
  const releaseSockets = assertConnect()
  running += 1
  return () => {
    running -= 1
    releaseSockets()
  }
}

/** The platform's own limit on following redirects (WHATWG Fetch, section 4.4). */
const maxRedirects = 20

/** `fetch` inside a simulation; the platform's own outside of one. */
export const simulatedFetch: typeof fetch = (input, init) => {
  const context = current()
  if (context === undefined) return running === 0 ? nativeFetch()(input, init) : Promise.reject(noNode(input))
  if (isDead(context.life)) return neverSettles()
  return chosenDispatcher(init) === undefined ? context.host.fetch(context, input, init) : nativeFetch()(input, init)
}

/** Lets requests take the same way that undici dispatches below the platform's own `fetch`, and for its users. */
export function simulateDispatchers(): void {
  installDispatchers(dispatchOver)
}

function noNode(input: unknown): Error {
  return new Error(
    `fetch(${input instanceof Request ? input.url : String(input)}) was called during a simulation by code that ` +
      'belongs to no node: ' +
      'its context was lost, as in a batching library or a module-level queue. Wrap the callback that is ' +
      'queued: bind(() => ...), from "two-generals".',
  )
}

function fetchOver(
  network: Network,
  context: Context,
  input: string | URL | Request,
  init: RequestInit | undefined,
  target?: string,
): Promise<Response> {
  const outgoing = leanRequest(input, init)
  return outgoing === undefined
    ? wholeRequest(context.host, input, init).then((built) => start(network, context, built, target))
    : start(network, context, outgoing, target)
}

function start(network: Network, context: Context, asked: FetchRequest, target: string | undefined): Promise<Response> {
  const { signal } = asked
  if (signal?.aborted === true) return Promise.reject(signal.reason as Error) // whatever the caller aborted with
  if (isDead(context.life)) return neverSettles()
  const request =
    target === undefined ? asked.request : { ...asked.request, ...placeOf(network, context, asked.request.url, target) }
  const { protocol } = request.url
  if (protocol === 'http:' || protocol === 'https:')
    return follow(network, context, { ...asked, request }, { count: 0, crossed: false, coded: target !== undefined })
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
interface Redirects {
  readonly count: number
  readonly crossed: boolean
  /** The caller undoes a Content-Encoding itself. */
  readonly coded: boolean
}

async function follow(
  network: Network,
  context: Context,
  outgoing: FetchRequest,
  { count, crossed, coded }: Redirects,
): Promise<Response> {
  const reply = await call(network, context, outgoing)
  const { request, redirect, signal } = outgoing
  const { status } = reply
  const moved = isRedirect(status)
  if (moved && redirect === 'error') throw failedFetch('unexpected redirect')
  const location = moved && redirect === 'follow' ? reply.headers.find(([name]) => name === 'location')?.[1] : undefined
  if (location === undefined)
    return new Received(
      coded ? reply : withoutCoding(reply, request.method),
      { url: request.url.href, redirected: count > 0, crossed, method: request.method, signal },
      network.world,
    )
  const url = destination(location, request.url)
  if (count === maxRedirects) throw failedFetch('redirect count exceeded')
  if (outgoing.streamed && status !== 303) throw failedFetch('')
  return follow(
    network,
    context,
    { ...outgoing, request: redirectedRequest(request, status, url) },
    { count: count + 1, crossed: crossed || url.origin !== request.url.origin, coded },
  )
}

function call(network: Network, context: Context, { request, signal }: FetchRequest): Promise<WireReply> {
  const { world, links } = network
  const callee = network.find(request.url, context)
  if (callee === undefined) {
    world.fail(unknownUrl(world, context, request))
    return neverSettles()
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      giveUp(world, issued)
      release?.()
      reject(signal?.reason as Error) // whatever the caller aborted with, as the platform does
    }
    const release = signal === undefined ? undefined : useLimit(signal)
    const done = (): void => {
      signal?.removeEventListener('abort', abort)
      release?.()
    }
    const issued = links.issue(world, context, {
      protocol: http,
      request,
      callee,
      ...reachOf(request.url),
      unconnected: () => hearUnconnected(signal),
      answer(reply) {
        done()
        if (reply.status === 0) reject(failedFetch(reply.statusText === 'reset' ? 'reset' : 'closed'))
        else resolve(reply)
      },
      fail(failure) {
        done()
        reject(failedFetch(failure, request.url))
      },
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}
