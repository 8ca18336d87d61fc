// `fetch` between simulated nodes: the platform's Request and Response outside, bytes in between. Lean: one Request a
// delivery, built at its target, and a Response whose body is read without a stream unless somebody asks for one.
import { current, isDead, neverSettles, outsideContext, type Context } from '../simulate/context.ts'
import { chosenDispatcher, installDispatchers, nativeFetch } from '../simulate/globals.ts'
import { useLimit } from '../simulate/globals/abort.ts'
import type { Links } from '../simulate/link.ts'
import { hasEnded } from '../simulate/link-call.ts'
import { SetupError } from '../simulate/setup-error.ts'
import type { World } from '../simulate/world.ts'
import { withoutCoding } from './content-coding.ts'
import { failedFetch } from './failed-fetch.ts'
import { leanRequest, wholeRequest, type FetchRequest } from './fetch-request.ts'
import { http, type HttpCallee } from './http.ts'
import { Received } from './received.ts'
import { destination, isRedirect, redirectedRequest } from './redirect.ts'
import { dispatchOver } from './undici-dispatch.ts'
import type { WireReply, WireRequest } from './wire.ts'

/** How calls of one world find their callee. */
export interface Network {
  readonly world: World
  readonly links: Links
  /** The callee of a URL; undefined where nobody answers. */
  find(url: URL): HttpCallee | undefined
}

let running = 0

/** Called by each simulation as it starts. Returns what to call when it is over. */
export function connect(network: Network): () => void {
  network.world.fetch = (context, ...asked) => fetchOver(network, context, ...asked)
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
  coded = false,
): Promise<Response> {
  const outgoing = leanRequest(input, init)
  return outgoing === undefined
    ? wholeRequest(context.host, input, init).then((built) => start(network, context, built, coded))
    : start(network, context, outgoing, coded)
}

function start(network: Network, context: Context, outgoing: FetchRequest, coded: boolean): Promise<Response> {
  const { signal, request } = outgoing
  if (signal?.aborted === true) return Promise.reject(signal.reason as Error) // whatever the caller aborted with
  if (isDead(context.life)) return neverSettles()
  const { protocol } = request.url
  if (protocol === 'http:' || protocol === 'https:')
    return follow(network, context, outgoing, { count: 0, crossed: false, coded })
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
  const callee = network.find(request.url)
  if (callee === undefined) {
    world.fail(unknownUrl(world, context, request))
    return neverSettles()
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      issued.settled = true
      hasEnded(world, issued, 'given up')
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
      answer(reply) {
        done()
        if (reply.status === 0) reject(failedFetch('reset'))
        else resolve(reply)
      },
      fail(failure) {
        done()
        reject(failedFetch(failure))
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
