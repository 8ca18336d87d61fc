// The outside world: hosts that ordinary msw handlers stand for. Each host becomes a node with the host's name. Such a
// node never crashes, and never forgets an idempotency key that it accepted, as a real provider would not.
import type { RequestsSource } from '../history/effect.ts'
import { didYouMean, type OutsideHosts } from './addresses.ts'
import type { BodyListener, BodyPiece } from '../simulate/protocol.ts'
import type { HttpCallee, HttpServer } from './http.ts'
import type { WireReply, WireRequest } from './wire.ts'
import { current, type Life } from '../simulate/context.ts'
import { SetupError } from '../simulate/setup-error.ts'
import { newNode } from '../simulate/node-state.ts'
import type { World } from '../simulate/world.ts'
import type { Outside } from '../system/system.ts'
import { sameValue } from '../plain/value.ts'
import { toReply, toRequest } from './serve.ts'

/** msw's `getResponse`: finds the handler of a request and gives its response. */
export type GetResponse = (handlers: readonly unknown[], request: Request) => Promise<Response | undefined>

/** The user's stubs, ready to answer. */
export interface Stubs {
  readonly handlers: readonly unknown[]
  readonly answer: GetResponse
}

/**
 * Reads the `outside` of a system. Imports msw only if there are stubs.
 *
 * @throws if it is neither a server nor a list of handlers
 */
export async function stubsOf(outside: Outside | undefined): Promise<Stubs | undefined> {
  if (outside === undefined) return undefined
  const { getResponse } = await import('msw')
  const handlers = 'listHandlers' in outside ? outside.listHandlers() : outside
  if (!Array.isArray(handlers))
    throw new SetupError('`outside` is neither the result of setupServer(...) nor an array of msw handlers.')
  // its parameter type belongs to the user's version of msw
  return { handlers, answer: getResponse as unknown as GetResponse }
}

/** Makes handlers with `once`, and generators, start anew for the next history. */
export function resetStubs({ handlers }: Stubs): void {
  for (const handler of handlers) {
    const stub = handler as { reset?: () => void; isUsed?: boolean } // msw 2 and 3: RequestHandler
    stub.reset?.()
    if (stub.isUsed === true) stub.isUsed = false
  }
}

/** Makes the node of an outside host. */
export function outsideHosts(world: World, stubs: Stubs, effects: readonly RequestsSource[]): OutsideHosts {
  const hosts = new Map<string, HttpCallee>()
  const memory = new Map<string, Remembered>()
  const watched = effects.map((effect) => ({ effect, fits: patternOf(effect) }))
  const named = new Set(stubs.handlers.flatMap((handler) => originOf(handler) ?? []))
  const at = ({ host, origin }: URL): HttpCallee => {
    const known = hosts.get(host)
    if (known !== undefined) return known
    if (world.nodes.has(host)) world.fail(new SetupError(nameTaken(host, origin)))
    const life: Life = { node: host, clock: world.clock(host), dead: false, paused: undefined, incarnation: 1 }
    const callee = { node: newNode(host), server: server(world, stubs, watched, memory) }
    callee.node.instances[0].life = life
    hosts.set(host, callee)
    return callee
  }
  return { at, names: ({ origin }) => named.has(origin) }
}

/** The origin in the path of a handler of msw; undefined where it has none, or has a pattern in it. */
function originOf(handler: unknown): string | undefined {
  const { info } = handler as { readonly info?: { readonly path?: unknown } } // of each version of msw
  const [origin] = /^https?:\/\/[^/?#*]+/.exec(String(info?.path)) ?? []
  return origin === undefined || !URL.canParse(origin) ? undefined : new URL(origin).origin
}

function nameTaken(host: string, origin: string): string {
  return (
    `A call went to ${origin}, a host outside, but the system has a node named "${host}". If the call is meant for ` +
    `that node, write { at: "${origin}" } in its serve(...); if not, give the node another name: a host outside is ` +
    'named by its address.'
  )
}

/** An answer kept under an idempotency key; undefined while the first request is being worked on. */
interface Remembered {
  readonly request: WireRequest
  reply: WireReply | undefined
}

interface Watched {
  readonly effect: RequestsSource
  readonly fits: (request: WireRequest) => boolean
}

function server(world: World, stubs: Stubs, watched: readonly Watched[], memory: Map<string, Remembered>): HttpServer {
  return {
    async handle(_, request) {
      const matching = watched.filter(({ fits }) => fits(request)).map(({ effect }) => effect)
      const id = replayId(matching, request)
      if (id === undefined) return answer(world, stubs, matching, request)
      const known = memory.get(id)
      if (known !== undefined) return replay(known, request)
      const entry: Remembered = { request, reply: undefined }
      memory.set(id, entry)
      try {
        const reply = audible(await answer(world, stubs, matching, request))
        if (reply.status >= 200 && reply.status < 300) entry.reply = reply
        return reply
      } finally {
        // it failed, so the next request with this key counts as the first
        if (entry.reply === undefined) memory.delete(id)
      }
    },
  }
}

function replayId(effects: readonly RequestsSource[], { headers }: WireRequest): string | undefined {
  for (const { name, replays } of effects) {
    const value = replays === undefined ? undefined : headers.find(([header]) => header === replays.toLowerCase())?.[1]
    if (value !== undefined) return `${name} ${value}`
  }
  return undefined
}

function replay({ request: first, reply }: Remembered, request: WireRequest): WireReply {
  if (reply === undefined) return problem(409, 'a request with this idempotency key is being worked on')
  return sameValue(first.body, request.body) ? reply : problem(422, 'this idempotency key was used with another body')
}

/** A reply whose slow body can have more than one listener: later ones first hear what was already sent. */
function audible(reply: WireReply): WireReply {
  const { rest } = reply
  if (rest === undefined) return reply
  const heard: BodyPiece[] = []
  const listeners = new Set<BodyListener>()
  let begun = false
  return {
    ...reply,
    rest(hear) {
      for (const piece of heard) hear(piece)
      listeners.add(hear)
      if (!begun) {
        rest((piece) => {
          heard.push(piece)
          for (const listener of listeners) listener(piece)
        })
        begun = true
      }
      return () => {
        listeners.delete(hear)
      }
    },
  }
}

function problem(status: number, detail: string): WireReply {
  return {
    status,
    statusText: '',
    headers: [['content-type', 'application/problem+json']],
    body: JSON.stringify({ detail }),
  }
}

async function answer(
  world: World,
  stubs: Stubs,
  effects: readonly RequestsSource[],
  wire: WireRequest,
): Promise<WireReply> {
  if (wire.headers.some(([name, value]) => name === 'accept' && value.includes('msw/passthrough')))
    return unstubbed(world, wire, throughText) // bypass()
  const request = toRequest(wire)
  const response = await stubs.answer(stubs.handlers, request)
  if (response === undefined) return unstubbed(world, wire, 'no handler in `outside` matches it')
  if (response.status === 302 && response.headers.get('x-msw-intention') === 'passthrough')
    return unstubbed(world, wire, throughText)
  if (response.ok) await recordEffects(effects, wire)
  return toReply(response)
}

const throughText = 'its handler lets it through to the real network, which a simulation cannot reach'

function unstubbed(world: World, { method, url }: WireRequest, why: string): WireReply {
  world.fail(
    new SetupError(
      `${method} ${url.href} was called, and ${why}. ${didYouMean(world, url)}Add e.g. ` +
        `http.${method.toLowerCase()}("${url.origin}${url.pathname}", () => HttpResponse.json({})) to \`outside\`.`,
    ),
  )
  return problem(501, 'no stub')
}

async function recordEffects(effects: readonly RequestsSource[], wire: WireRequest): Promise<void> {
  const context = current()
  if (context === undefined) return
  for (const effect of effects) {
    try {
      context.host.effect(context, effect.name, await effect.parse(toRequest(wire)))
    } catch (error) {
      throw new SetupError(
        `requests("${effect.name}"): parse threw ${String(error)} for ${wire.method} ${wire.url.href}.`,
        { cause: error },
      )
    }
  }
}

/**
 * Whether a request belongs to an effect: method and URL must be equal. A `:name` segment matches anything, and the
 * query is ignored.
 */
function patternOf({ method, url }: RequestsSource): Watched['fits'] {
  const [, given = '', path = '/'] = /^(https?:\/\/[^/?#]+)(\/[^?#]*)?/.exec(url) ?? []
  const origin = URL.canParse(given) ? new URL(given).origin : given
  const wanted = path.split('/')
  return (request) => {
    if (method !== request.method || origin !== request.url.origin) return false
    const found = request.url.pathname.split('/')
    return (
      wanted.length === found.length &&
      wanted.every((segment, index) => segment.startsWith(':') || segment === found[index])
    )
  }
}
