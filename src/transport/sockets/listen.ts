// `listen` in a simulation: the server becomes what its process answers with. No port is opened.
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { current, isDead, within, type Context, type Life, type OpenedThing } from '../../simulate/context.ts'
import { callerOf } from '../../simulate/globals.ts'
import { openConnections, resetConnections, whenIdle } from './open-connections.ts'
import { socketsOf } from './sockets-of.ts'

/** A server of HTTP/1.1. */
export type HttpServerOfNode = http.Server | https.Server

export function isHttpServer(server: unknown): server is HttpServerOfNode {
  return server instanceof http.Server || server instanceof https.Server
}

interface Listening {
  readonly server: HttpServerOfNode
  /** A handler opened it for a while, as to be called back: the process does not live by it. */
  readonly isPassing: boolean
}

/** The servers of each process, by port, the first first. */
const listening = new WeakMap<Life, Map<number, Listening>>()

/** The server of a process that listens on a port. */
export function listenerOn(life: Life, port: number): HttpServerOfNode | undefined {
  return listening.get(life)?.get(port)?.server
}

/** The first server that a process lives by, which takes what comes to no port of another. */
export function listenerOf(life: Life): HttpServerOfNode | undefined {
  for (const { server, isPassing } of listening.get(life)?.values() ?? []) if (!isPassing) return server
  return undefined
}

/** Ports that systems choose where they are asked for none, from the first one of the range for that (RFC 6335). */
const firstFreePort = 49152

/** Starts listening, a tick later. */
export function listenIn(context: Context, server: HttpServerOfNode, args: readonly unknown[]): net.Server {
  const { life } = context
  const [options, callback] = normalizedArguments(args)
  if (typeof callback === 'function') server.once('listening', callback as () => void)
  const own = listening.get(life) ?? new Map<number, Listening>()
  listening.set(life, own)
  const asked = Number(options['port'] ?? 0)
  let port = asked === 0 ? firstFreePort : asked
  while (asked === 0 && own.has(port)) port += 1
  if (own.has(port)) {
    process.nextTick(() => server.emit('error', inUse(port)))
    return server
  }
  const isPassing = context.root.kind === 'operation'
  own.set(port, { server, isPassing })
  if (!isPassing) life.refuses = false
  const opened = (): OpenedThing => ({ kind: 'server', what: 'a server that listens', caller: callerOf(listenIn) })
  const closed = context.host.opened?.(context, opened()) // the stack is read only where somebody asks for it
  const ports = socketsOf(context)?.ports
  ports?.set(port, (ports.get(port) ?? new Set()).add(life.node))
  let open = true
  const stop = (done?: (error?: Error) => void): net.Server => {
    if (done !== undefined)
      if (open) server.once('close', done)
      else process.nextTick(done, notRunning())
    if (!open) return server
    open = false
    closed?.()
    own.delete(port)
    const closing = current() ?? context
    if (!isPassing && listenerOf(life) === undefined) life.refuses = true
    if (own.size === 0 && life.refuses === true) closing.host.ends(closing, 'closed')
    // A step later, so that the last answer has left by then
    whenIdle(server, () => within(closing, () => void closing.host.soon(closing, () => server.emit('close'))))
    return server
  }
  Object.defineProperty(server, 'listening', { configurable: true, get: () => open })
  Object.assign(server, {
    address: () => (open ? { address: '::', family: 'IPv6', port } : null),
    close: stop,
    closeAllConnections: () => resetConnections(server),
    // Each connection carries one request, so that none is kept without one
    closeIdleConnections: () => undefined,
    getConnections: (answer: (error: null, count: number) => void) => {
      process.nextTick(answer, null, openConnections(server))
      return server
    },
    ref: () => server,
    unref: () => server,
  })
  // It would look after real connections, by a real timer
  for (const listener of server.listeners('listening'))
    if (listener.name.includes('setupConnectionsTracking')) server.removeListener('listening', listener as () => void)
  process.nextTick(() => {
    if (open && !isDead(life)) server.emit('listening')
  })
  return server
}

/** Node's own reading of (port, host, callback), (options, callback), (path). */
export function normalizedArguments(args: readonly unknown[]): [Readonly<Record<string, unknown>>, unknown] {
  const given: unknown = args[0]
  // From net.connect they come as they were normalized
  if (Array.isArray(given)) return given as [Record<string, unknown>, unknown]
  const normalize = Reflect.get(net, '_normalizeArgs') as typeof normalizedArguments
  return normalize(args)
}

function inUse(port: number): Error {
  const fields = { code: 'EADDRINUSE', errno: -98, syscall: 'listen', address: '::', port }
  return Object.assign(new Error(`listen EADDRINUSE: address already in use :::${port}`), fields)
}

function notRunning(): Error {
  return Object.assign(new Error('Server is not running.'), { code: 'ERR_SERVER_NOT_RUNNING' })
}
