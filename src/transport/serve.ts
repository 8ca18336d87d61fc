// Handlers as nodes: a function, `{ fetch }` (Hono, Workers, Bun, Elysia), `{ GET, POST, ... }` (Next, SvelteKit), or
// what is made for node:http (Express, Fastify, Koa, a server).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpServer } from './http.ts'
import type { WireReply, WireRequest } from './wire.ts'
import { describeError } from '../plain/describe-error.ts'
import { current } from '../simulate/context.ts'
import { SetupError } from '../simulate/setup-error.ts'
import { assertOptions, assertType } from '../plain/options.ts'
import { assertCapacity, type Capacity } from '../system/capacity.ts'
import type { NodeDefinition } from '../system/system.ts'
import { portOf } from './addresses.ts'
import { readReply } from './body.ts'
import { Delivered } from './delivered.ts'
import { deliver } from './sockets/deliver.ts'
import { nodeServer, prepared } from './sockets/node-server.ts'

/**
 * A function or method that answers. As a method it may ask for a narrower request (NextRequest), and for what Workers
 * and Next hand on beside it.
 */
interface Answering {
  fetch(request: Request, env: never, context: never): Response | PromiseLike<Response>
}

/** What is made for the sockets of node:http: a handler, or an application or server of any framework on it. */
export type NodeHandler =
  | ((request: IncomingMessage, response: ServerResponse) => object | void | undefined)
  | { listen(...args: never[]): unknown }

/** A handler in one of the usual shapes. */
export type FetchHandler =
  | Answering['fetch']
  | Answering
  | {
      readonly [method in 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS']?: Answering['fetch']
    }

/** Where a node is reachable. */
export interface ServeOptions {
  /**
   * The origin at which the node is reachable, if the code under test calls it by another name. Beside it, the name
   * leads to the node at any port and scheme, unless another node or a stub is there; and where the node calls
   * `listen(3000)`, so do http://localhost:3000 and http://127.0.0.1:3000.
   *
   * @default `http://<its key in nodes>`
   */
  readonly at?: string
  /**
   * How many instances of the node run at once behind a load balancer. Each is made by its own call of `boot` and has
   * its own memory, timers and clocks. They share the node's name and its stores. The request decides which instance
   * serves it; a retry, or a duplicate, goes to the next instance. Instances that are down are skipped; connections are
   * refused only while all of them are down. A whole number from 1.
   *
   * @default 1
   */
  readonly instances?: number
  /**
   * How many requests each instance works on at once, how long the work of one takes, and how many wait for a place.
   * With it a slow dependency exhausts a pool, a cascade spreads, and a retry storm keeps a node busy with work for
   * callers that have gone, for as long as it gets more requests than it can answer (Bronson et al., "Metastable
   * Failures in Distributed Systems", HotOS 2021). A node answers at most `concurrent / (serviceMs + what its handler
   * waits)` requests in a millisecond (Little 1961).
   *
   * @default no limit: every request is worked on as soon as it arrives, and the work takes no time
   * @example
   * serve(() => app, { capacity: { concurrent: 10, serviceMs: 50, queue: 100 } })
   */
  readonly capacity?: Capacity
  /**
   * The second argument of `fetch(request, env, ctx)` of Workers: bindings, variables, fakes of yours. The third has
   * `waitUntil`.
   *
   * @default undefined
   */
  readonly env?: unknown
  /**
   * The next version of the node: a factory, as the first argument is. A deploy (the fault `deploy`) starts it in place
   * of the one before, and then both run side by side: while the old process finishes what it has, and of several
   * `instances` until the faults are over, when the rollout goes on to its end. So what one version stores, caches and
   * promises meets the other one, as in every rolling update.
   *
   * @default the same version
   * @example
   * serve(() => createApp(), { instances: 2, next: () => createNextApp() })
   */
  readonly next?: () =>
    FetchHandler | NodeHandler | undefined | void | PromiseLike<FetchHandler | NodeHandler | undefined | void>
}

/**
 * A node that answers requests. `boot` is called for every incarnation of the node: what it creates is lost in a crash.
 * Registered stores survive, and so does module-level memory.
 *
 * @throws if `at` is not an origin, `instances` is not a whole number from 1, or `capacity` breaks its rules
 * @example
 * nodes: { shop: serve(() => app), payments: serve(() => createPayments(), { at: 'https://payments.internal' }) }
 */
export function serve(boot: () => FetchHandler | PromiseLike<FetchHandler>, options?: ServeOptions): NodeDefinition
/**
 * The same for what is made for the sockets of node:http: a handler `(request, response)`, an application of Express,
 * Fastify, Koa or Nest, an `http.Server`; or nothing, where `boot` calls `listen` itself. No port is opened.
 *
 * @example
 * nodes: { shop: serve(() => createApp()), jobs: serve(async () => void (await import('./server.ts')).start()) }
 */
export function serve(
  boot: () => NodeHandler | undefined | void | PromiseLike<NodeHandler | undefined | void>,
  options?: ServeOptions,
): NodeDefinition
export function serve(boot: () => unknown, options: ServeOptions = {}): NodeDefinition {
  assertOptions('serve()', options, known)
  const { at, instances = 1, capacity, next } = options
  if (typeof boot !== 'function')
    throw new Error(
      'serve(): its first argument is no function. Give a factory, which makes what a crash takes: serve(() => app).',
    )
  assertOrigin('serve', at)
  if (!Number.isInteger(instances) || instances < 1)
    throw new Error(`serve(..., { instances: ${String(instances)} }): give a whole number from 1.`)
  assertCapacity('serve(): capacity', capacity)
  assertType('serve(): next', next, 'function', 'a factory of the next version: { next: () => nextApp }')
  const own = {
    ...(at === undefined ? {} : { at: new URL(at).origin }),
    ...(instances === 1 ? {} : { instances }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(next === undefined ? {} : { next: () => readyWhenMade(next()) }),
  }
  return {
    kind: 'node',
    boot: () => readyWhenMade(boot()),
    handle: (app, request) => handle(app, request, options.env),
    ...own,
  }
}

/** Refuses an `at` that is none. `of`: whose option it is. */
export function assertOrigin(of: string, at: unknown): void {
  if (at === undefined) return
  if (typeof at === 'string' && URL.canParse(at) && new URL(at).origin === at.replace(/\/$/, '')) return
  throw new Error(
    `${of}(..., { at: ${JSON.stringify(at)} }): this is no origin. Write scheme and host alone, e.g. ` +
      '"https://payments.internal".',
  )
}

const known = { at: true, instances: true, capacity: true, env: true, next: true } satisfies Record<
  keyof ServeOptions,
  true
>

async function handle(app: unknown, request: Request, env: unknown): Promise<Response> {
  const handler = handlerOf(app, request.method)
  if (handler === 'none')
    throw new SetupError(
      `serve(): its factory gave ${kindOf(app)}. Return a function (Request) => Response, { fetch }, or { GET, ` +
        `POST, ... }.${defaultExport(app)}`,
    )
  if (handler === undefined) return new Response(null, { status: 405 })
  const response: unknown = await handler(request, env)
  if (!(response instanceof Response))
    throw new TypeError(
      `The handler returned ${kindOf(response)} instead of a Response for ${request.method} ` +
        `${new URL(request.url).pathname}. ${isOfLambda(response) ? ofLambda : 'Is a "return" missing?'}`,
    )
  return response
}

const ofLambda = 'A handler of AWS Lambda is a node by lambda(() => handler).'

function isOfLambda(returned: unknown): boolean {
  return typeof returned === 'object' && returned !== null && 'statusCode' in returned
}

type RequestHandler = (request: Request, env: unknown, context?: object) => unknown

/** What Workers hand on as third: work that goes on after the answer, and whose failure ends nothing. */
export const workersContext = {
  waitUntil(work: unknown): void {
    void Promise.resolve(work).catch((error: unknown) => {
      const context = current()
      context?.host.printed(context, `waitUntil failed: ${describeError(error)}`)
    })
  },
  passThroughOnException(): void {},
  props: {},
}

/** What Next hands on as second: the parameters of the route, of which there are none. */
const routeContext = { params: Promise.resolve({}) }

function handlerOf(app: unknown, method: string): RequestHandler | 'none' | undefined {
  // A framework's app may be a function that has `fetch`; any other function is the handler itself
  if (typeof app === 'function' && !('fetch' in app))
    return (request, env) =>
      env === undefined
        ? (app as (one: Request) => unknown)(request)
        : (app as RequestHandler)(request, env, workersContext)
  if ((typeof app !== 'object' && typeof app !== 'function') || app === null) return 'none'
  if ('fetch' in app && typeof app.fetch === 'function')
    return (request, env) => (app as { fetch: RequestHandler }).fetch(request, env, workersContext)
  const methods = app as Record<string, unknown>
  // Frameworks, too, answer HEAD by GET and drop the body
  const handler = methods[method] ?? (method === 'HEAD' ? methods['GET'] : undefined)
  if (typeof handler === 'function') return (request) => (handler as RequestHandler).call(app, request, routeContext)
  return Object.keys(methods).some((key) => /^[A-Z]+$/.test(key)) ? undefined : 'none'
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  // An object without a prototype, such as a module namespace, has no constructor
  const { constructor } = value as { readonly constructor?: unknown }
  return typeof constructor === 'function'
    ? `an instance of ${constructor.name}`
    : `an object with ${Object.keys(value).join(', ') || 'nothing in it'}`
}

function defaultExport(app: unknown): string {
  return typeof app === 'object' && app !== null && 'default' in app
    ? ' This looks like a module: take its default export, serve(async () => (await import(...)).default).'
    : ''
}

/** A node definition as the kernel calls it: bytes in, bytes out. */
export function serverOf(definition: Pick<NodeDefinition, 'handle'>): HttpServer {
  return {
    handle(app, request) {
      const server = nodeServer(app, portOf(request.url))
      return server === undefined ? definition.handle(app, toRequest(request)).then(toReply) : deliver(server, request)
    },
  }
}

/** Only what is made for sockets may have to prepare itself: all else is ready as it comes. */
function readyWhenMade(app: unknown): unknown {
  return app instanceof Promise ? app.then(prepared) : prepared(app)
}

/** The Request that the handler receives, built when the message is delivered. */
export function toRequest(request: WireRequest): Request {
  return new Delivered(request)
}

/** A handler's Response as bytes. `Response.error()` stands for a broken connection: status 0. */
export function toReply(response: Response): WireReply | Promise<WireReply> {
  if (response.type === 'error') return { status: 0, statusText: '', headers: [], body: null }
  return readReply(response, () => current()?.host.touch())
}
