// The server of node:http behind what a node's factory gave: a handler (request, response), an application of a
// framework, a server, or nothing, where the factory called `listen`.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { current } from '../../simulate/context.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import { awaitListening } from './late-listening.ts'
import { isHttpServer, listenerOf, listenerOn, listenIn, type HttpServerOfNode } from './listen.ts'

/**
 * The second parameter of a handler of Requests, as Workers, Next and Deno name it, or taken apart. All else that takes
 * two parameters takes a request and a response.
 */
const takesContext =
  /^(?:async\s+)?(?:function\b[^(]*)?[\w$]*\s*\(\s*[^,()]+,\s*(?:\{|_?(?:c|ctx|context|env|info|params|options)\b)/

/** Undefined: it is none itself. Asked at each request. */
const servers = new WeakMap<object, HttpServerOfNode | undefined>()

/**
 * Who takes what comes to a port: the server that listens there, as one for metrics beside the application, and else
 * what the factory gave, or the first server. Undefined where that answers Requests.
 */
export function nodeServer(app: unknown, port: number): HttpServerOfNode | undefined {
  const life = current()?.life
  const there = life === undefined ? undefined : listenerOn(life, port)
  if (there !== undefined) return there
  const first = (): HttpServerOfNode | undefined => (life === undefined ? undefined : listenerOf(life))
  if ((typeof app !== 'object' && typeof app !== 'function') || app === null) return first()
  if (!servers.has(app)) servers.set(app, serverOfApp(app))
  return servers.get(app) ?? (looksLikeFetch(app) ? undefined : first())
}

function looksLikeFetch(app: object): boolean {
  return typeof app === 'function' || 'fetch' in app || Object.keys(app).some((key) => /^[A-Z]+$/.test(key))
}

function serverOfApp(app: object): HttpServerOfNode | undefined {
  if (isHttpServer(app)) return app
  const has = (...methods: readonly string[]): boolean =>
    methods.every((method) => typeof Reflect.get(app, method) === 'function')
  if (has('fetch')) return undefined
  // Express and Connect: the application is the listener
  if (has('handle', 'listen', 'use')) return createServer(app as RequestListener)
  // Koa
  if (has('callback', 'listen', 'use')) return createServer((app as { callback(): RequestListener }).callback())
  const held = heldServer(app)
  if (held !== undefined) return held
  if (typeof app !== 'function' || app.length < 2) return undefined
  return takesContext.test(Function.prototype.toString.call(app)) ? undefined : serverOfHandler(app as AnyHandler)
}

type AnyHandler = (request: IncomingMessage, response: ServerResponse) => unknown

function serverOfHandler(handle: AnyHandler): HttpServerOfNode {
  const mistaken = (result: unknown): void => {
    if (result instanceof Response)
      current()?.host.fail(
        new SetupError(
          'serve(): its factory gave a function of two parameters, which is taken for a handler (request, response) ' +
            'of node:http, and it returned a Response. Give a function of one parameter, or { fetch(request, env) }.',
        ),
      )
  }
  return createServer((request, response) => {
    const result = handle(request, response)
    if (result instanceof Promise) void result.then(mistaken)
    else mistaken(result)
  })
}

/** Fastify and Restify keep their server as `server`, Hapi as `listener`; Nest gives it by getHttpServer(). */
function heldServer(app: object): HttpServerOfNode | undefined {
  const getter: unknown = Reflect.get(app, 'getHttpServer')
  const candidates: unknown[] = [
    Reflect.get(app, 'server'),
    Reflect.get(app, 'listener'),
    typeof getter === 'function' ? Reflect.apply(getter, app, []) : undefined,
  ]
  return candidates.find((one): one is HttpServerOfNode => isHttpServer(one))
}

/**
 * What a framework needs before its first request: Fastify's `ready`, Nest's `init`. A server that is given without a
 * port listens, so that it can be closed. All else is ready as it is.
 */
export function prepared(app: unknown): unknown {
  const context = current()
  if (app === undefined && context !== undefined) awaitListening(context)
  if (isHttpServer(app) && !app.listening && context !== undefined) return listenIn(context, app, [])
  if (typeof app !== 'object' || app === null || isHttpServer(app) || heldServer(app) === undefined) return app
  for (const name of ['ready', 'init', 'initialize']) {
    const prepare: unknown = Reflect.get(app, name)
    if (typeof prepare === 'function') return Promise.resolve(Reflect.apply(prepare, app, [])).then(() => app)
  }
  return app
}
