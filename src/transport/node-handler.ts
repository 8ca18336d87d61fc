// Recognises what is made for the sockets of node:http, which are not simulated: a handler (request, response), and the
// applications and servers of frameworks on it. Called as a Fetch handler it would never answer, or throw "res is
// undefined".
import { Server } from 'node:http'

/** The second parameter of such a handler, by its usual names. */
const takesResponse = /^(?:async\s+)?(?:function\b[^(]*)?[\w$]*\s*\(\s*[\w$]+[^,()]*,\s*_?(?:res|resp|response|reply)\b/

/** Those that were found to be none: a handler is asked about at each request. */
const others = new WeakSet()

/** What it is, in words, or undefined. */
export function nodeHandlerKind(app: unknown): string | undefined {
  if ((typeof app !== 'object' && typeof app !== 'function') || app === null || others.has(app)) return undefined
  const kind = kindOfApp(app)
  if (kind === undefined) others.add(app)
  return kind
}

function kindOfApp(app: object): string | undefined {
  if (app instanceof Server) return 'a server of node:http'
  const has = (...methods: readonly string[]): boolean =>
    methods.every((method) => typeof Reflect.get(app, method) === 'function')
  if (has('fetch')) return undefined
  if (has('handle', 'listen', 'use')) return 'an application of Express or Connect'
  if (has('inject', 'listen')) return 'an application of Fastify or Hapi'
  if (has('callback', 'listen', 'use')) return 'an application of Koa'
  if (has('getHttpAdapter', 'listen')) return 'an application of Nest'
  if (typeof app !== 'function' || app.length < 2) return undefined
  return takesResponse.test(Function.prototype.toString.call(app)) ? 'a handler (request, response)' : undefined
}
