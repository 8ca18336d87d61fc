// Patches what every client and server of Node ends in: net.Socket.prototype.connect, tls.connect, dns.lookup, listen.
// In a simulation they stay in it; outside they are Node's own.
import dns from 'node:dns'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'
import { current } from '../../simulate/context.ts'
import { callerOf, processOf, put, replace, userFrame, wordsOfModule, type Callable } from '../../simulate/globals.ts'
import type { Life } from '../../simulate/context.ts'
import { portOf } from '../addresses.ts'
import { connectSocket } from './connect-socket.ts'
import { connectTls } from './connect-tls.ts'
import { isHttpServer, listenIn, normalizedArguments } from './listen.ts'
import { notingLine } from './request-lines.ts'
import { nameNotFound } from './socket-errors.ts'
import { socketTimeout } from './socket-timer.ts'
import { socketsOf, type Sockets } from './sockets-of.ts'

let installed = false

/** Patches the sockets of this worker, once. */
export function installSockets(): void {
  if (installed) return
  installed = true
  replace([net.Socket.prototype], 'setTimeout', socketTimeout)
  replace([net.Server.prototype], 'listen', listening)
  replace([http.Agent.prototype], 'getName', namedByProcess)
  replace([http.Agent.prototype], 'addRequest', notingLine)
  replace([tls], 'connect', securely)
  replace([http2], 'connect', namingHttp2)
  replace([dns], 'lookup', looking)
  replace([dns.promises], 'lookup', lookingUp)
  syncBuiltinESMExports()
}

/**
 * Puts the simulation's own around any other, such as msw's, which is put there and taken away again by `listen` and
 * `close`. The returned function takes it away again.
 */
export function assertConnect(): () => void {
  installSockets()
  depth += 1
  if (depth === 1) takeAway = outermost.map(([owner, name, make]) => putAround(owner, name, make))
  return () => {
    depth -= 1
    if (depth === 0) for (const undo of takeAway.splice(0)) undo()
  }
}

let depth = 0
let takeAway: (() => void)[] = []

const outermost: readonly (readonly [owner: object, name: string, make: (native: Callable) => Callable])[] = [
  [net.Socket.prototype, 'connect', connecting],
  [http.Agent.prototype, 'addRequest', addingRequest],
]

function putAround(owner: object, name: string, make: (native: Callable) => Callable): () => void {
  const before = Reflect.get(owner, name) as Callable // these two are methods of each version of Node
  put(owner, name, make(before))
  return () => put(owner, name, before)
}

function connecting(native: Callable): Callable {
  return function (...args) {
    const context = current()
    const sockets = socketsOf(context)
    const [options, callback] = normalizedArguments(args)
    const isPath = typeof options['path'] === 'string' && options['path'] !== '' // a Unix socket, or a pipe
    if (context === undefined || sockets === undefined || isPath) return native.apply(this, args)
    const socket = this as net.Socket // a method's
    if (typeof callback === 'function') socket.once('connect', callback as () => void)
    return connectSocket(socket, { sockets, context, isSecure: false }, options)
  }
}

/** msw 2 gives each request an agent of its own, which answers it: in a simulation it goes where it would without. */
function addingRequest(native: Callable): Callable {
  return function (...args) {
    const agent = socketsOf(current()) === undefined ? this : agentBelow(this)
    if (agent === this) return native.apply(this, args)
    const [request] = args as [http.ClientRequest]
    const { keepAlive = false, maxSockets } = agent as http.Agent & { keepAlive?: boolean }
    Object.assign(request, { agent, shouldKeepAlive: keepAlive || Number.isFinite(maxSockets) })
    return Reflect.apply(Reflect.get(agent as http.Agent, 'addRequest') as Callable, agent, args)
  }
}

function agentBelow(agent: unknown): unknown {
  if (!(agent instanceof http.Agent) || !/^Mock(?:Https)?Agent$/.test(agent.constructor.name)) return agent
  if (!('customAgent' in agent) || !('onRequest' in agent)) return agent
  const { customAgent } = agent
  const { Agent, globalAgent } = agent instanceof https.Agent ? https : http
  return customAgent === false ? new Agent() : customAgent instanceof http.Agent ? customAgent : globalAgent
}

function securely(native: Callable): Callable {
  return function (...args) {
    const context = current()
    const sockets = socketsOf(context)
    return context === undefined || sockets === undefined
      ? native.apply(this, args)
      : connectTls(context, sockets, args)
  }
}

function listening(native: Callable): Callable {
  return function (...args) {
    const context = current()
    if (context === undefined || socketsOf(context) === undefined) return native.apply(this, args)
    const server = this as net.Server // a method's
    if (isHttpServer(server)) return listenIn(context, server, args)
    const what = 'a server that listens and is none of HTTP/1.1 (make it a node, or a port(), in its place)'
    context.host.escaped(context, what, userFrame(callerOf(Reflect.get(server, 'listen'))))
    return server
  }
}

/** Its handshake waits for an answer that no server of HTTP/1.1 gives, in silence. gRPC is built on it. */
function namingHttp2(native: Callable): Callable {
  return function (...args) {
    const context = current()
    if (context !== undefined && socketsOf(context) !== undefined) {
      const [authority] = args
      const url = URL.parse(String(authority))
      const where = url === null ? undefined : `${url.hostname}:${portOf(url)}`
      context.host.escaped(context, wordsOfModule('node:http2', 'connect', where), userFrame(callerOf(http2.connect)))
    }
    return native.apply(this, args)
  }
}

function looking(native: Callable): Callable {
  return function (...args) {
    const sockets = socketsOf(current())
    const callback = args.at(-1)
    if (sockets === undefined || typeof callback !== 'function') return native.apply(this, args)
    const [host, options] = args
    const found = addressOf(String(host), sockets)
    if (found === undefined) process.nextTick(callback, nameNotFound(String(host)))
    else if (wantsAll(options)) process.nextTick(callback, null, [found])
    else process.nextTick(callback, null, found.address, found.family)
    return {}
  }
}

function lookingUp(native: Callable): Callable {
  return function (...args) {
    const sockets = socketsOf(current())
    if (sockets === undefined) return native.apply(this, args)
    const [host, options] = args
    const found = addressOf(String(host), sockets)
    if (found === undefined) return Promise.reject(nameNotFound(String(host)))
    return Promise.resolve(wantsAll(options) ? [found] : found)
  }
}

/** Every name leads somewhere, except those that are made for leading nowhere (RFC 6761, section 6.4). */
function addressOf(host: string, sockets: Sockets): { readonly address: string; readonly family: number } | undefined {
  if (host === 'invalid' || host.endsWith('.invalid')) return undefined
  const family = net.isIP(host)
  if (family !== 0) return { address: host, family }
  return { address: host === 'localhost' ? '127.0.0.1' : sockets.endpoint.addressOf(host), family: 4 }
}

function wantsAll(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'all' in options && options.all === true
}

// Pools: an agent at the top of a module is one object for all simulated processes; each has its own connections.

const owner: unique symbol = Symbol('process')
const numbers = new WeakMap<Life, number>()
let processes = 0

function namedByProcess(native: Callable): Callable {
  return function (options) {
    const name = native.call(this, options) as string // as Node documents it
    const context = current()
    // The agent copies its options along, so that the name stays the same, whoever asks for it later
    const own = options as { [owner]?: number } | undefined
    const number = own?.[owner] ?? (context === undefined ? undefined : numberOf(processOf(context.life)))
    if (own !== undefined && number !== undefined) own[owner] = number
    return number === undefined ? name : `${name}:${number}`
  }
}

function numberOf(life: Life): number {
  const known = numbers.get(life)
  if (known !== undefined) return known
  processes += 1
  numbers.set(life, processes)
  return processes
}
