// Makes a net.Socket one of a simulation as it connects: the object stays Node's own, with its class and its events,
// but what it writes goes to the other end of the wire at once. It gets no handle, no file descriptor and no DNS.
import net from 'node:net'
import { current, outsideContext, type Context } from '../../simulate/context.ts'
import { callerOf } from '../../simulate/globals.ts'
import { FarEnd } from './far-end.ts'
import { WatchedConnect } from './watched-connect.ts'
import { askingRequest, isOfPlainRequest } from './request-lines.ts'
import { addressOfMachine } from './machine-address.ts'
import { addressOfNodes, refused } from './socket-errors.ts'
import { refreshTimer, setIdle, stopTimer } from './socket-timer.ts'
import { bytesOf } from './wire-end.ts'
import type { Connection, Sockets } from './sockets-of.ts'
import type { World } from '../../simulate/world.ts'

/** What a socket is connected with, read as Node reads it. */
export interface ConnectOptions {
  readonly host?: string
  readonly hostname?: string
  readonly port?: unknown
  readonly servername?: unknown
  readonly lookup?: unknown
  readonly autoSelectFamily?: unknown
}

/** The connection behind a socket. */
export const connections: WeakMap<net.Socket, Connection> = new WeakMap()

/** With or without TLS. */
export type SocketScheme = 'http' | 'https'

/** Which sockets a simulation of this worker has connected. */
export const schemesUsed: Set<SocketScheme> = new Set()

/** Connects a socket, a tick later. */
export function connectSocket(
  socket: net.Socket,
  { sockets, context, isSecure }: { readonly sockets: Sockets; readonly context: Context; readonly isSecure: boolean },
  options: ConnectOptions,
): net.Socket {
  schemesUsed.add(isSecure ? 'https' : 'http')
  const host = options.host ?? options.hostname ?? 'localhost'
  const port = Number(options.port)
  sockets.lastPort += 1
  const ownPort = sockets.lastPort
  const accepted = acceptedByStore(context, host, port, socket)
  const end = new FarEnd({ take: (bytes) => receive(socket, bytes) })
  const place = { context, host, port, isSecure }
  const isPlain = isOfPlainRequest() && context.host.opened === undefined && sockets.endpoint.knows(place)
  const caller = isPlain ? undefined : callerOf(connectSocket)
  const address = net.isIP(host) === 0 ? undefined : host
  const connection: Connection = { ...place, socket, end, caller, address, watched: undefined }
  const request = accepted === undefined ? askingRequest() : undefined
  connections.set(socket, connection)
  put(socket, { address: addressOfNodes, port }, accepted ?? end, sockets, connection)
  if (sockets.isOver) {
    // A pool that outlives histories must be told, or it waits for ever
    process.nextTick(() => socket.destroy(refused(addressOfNodes, port)))
    return socket
  }
  sockets.open.add(connection)
  const close = context.host.opened?.(context, {
    what: `a connection to ${host}:${port}`,
    caller: connection.caller ?? callerOf(connectSocket),
    ...(accepted === undefined
      ? { kind: 'socket', isLeft: () => isInUse(socket) }
      : { kind: 'connection', usedBy: () => accepted.usedBy }),
  })
  if (close !== undefined) socket.once('close', close)
  const connect = (address: string): void => {
    if (socket.destroyed) return
    const named = addressOfMachine(context.life.node)
    Object.assign(socket, { _getsockname: () => ({ address: named, port: ownPort, family: 'IPv4' }) })
    if (net.isIP(host) === 0) socket.emit('lookup', null, address, 4, host)
    Object.assign(socket, { _peername: { address, port, family: 'IPv4' } })
    if (accepted === undefined) outsideContext(() => sockets.endpoint.take(connection))
    const connected = (): void => {
      Object.assign(socket, { connecting: false })
      socket.emit('connect')
      socket.emit('ready')
    }
    const secured = (): void => {
      socket.emit('secureConnect')
      socket.emit('secure')
    }
    if (connection.watched === undefined) {
      connected()
      if (isSecure) secured()
    } else connection.watched.begin(context, connected, isSecure ? secured : undefined)
  }
  process.nextTick(() => {
    if (socket.destroyed) return
    connection.watched = WatchedConnect.of(socket, request, (bytes) => end.arrive(bytes))
    const asks = net.isIP(host) === 0 ? options.lookup : undefined
    if (typeof asks !== 'function') connect(connection.address ?? sockets.endpoint.addressOf(host))
    else
      lookUp(asks as OwnLookup, host, options, (error, address) => {
        connection.address = address
        if (address === undefined) socket.destroy(error)
        else connect(address)
      })
  })
  return socket
}

/** What takes what a socket writes; null: there will be no more. */
interface SocketEnd {
  arrive(bytes: Buffer | null): void
  destroy(): void
}

/** The end of a connection that leads to a store: a database, say. */
function acceptedByStore(
  { host: owner }: Context,
  host: string,
  port: number,
  socket: net.Socket,
): (SocketEnd & { usedBy: number }) | undefined {
  const { stores, details } = owner as World // the only Host that lends contexts is a World
  for (const store of stores) {
    const accepted = store.accept?.({ host, port, isDetailed: details !== undefined }, (bytes) => {
      if (bytes instanceof Error) socket.destroy(bytes)
      else receive(socket, bytes === null ? null : Buffer.from(bytes))
    })
    if (accepted === undefined) continue
    const end = {
      usedBy: -1,
      arrive(bytes: Buffer | null) {
        end.usedBy = current()?.invocation ?? end.usedBy
        if (bytes === null) accepted.end()
        else accepted.arrive(bytes)
      },
      destroy: () => accepted.end(),
    }
    return end
  }
  return undefined
}

/** As Node's own sockets do: what is written to a socket that connects waits. A lookup of the user's may take long. */
function onceConnected({ socket, watched }: Connection, write: () => void): void {
  if (watched !== undefined) watched.later(write)
  else if (socket.connecting) socket.once('connect', write)
  else write()
}

/** As `dns.lookup`. */
type OwnLookup = (host: string, options: object, done: (error: Error | undefined, found: unknown) => void) => void

/** Asks a lookup of the user's as Node does, which tries all addresses by default. */
function lookUp(
  asked: OwnLookup,
  host: string,
  { autoSelectFamily }: ConnectOptions,
  done: (error: Error | undefined, address: string | undefined) => void,
): void {
  const all = autoSelectFamily !== false && net.getDefaultAutoSelectFamily()
  asked(host, { family: 0, hints: 0, ...(all ? { all } : {}) }, (error, found) => {
    const [first] = Array.isArray(found) ? (found as readonly { readonly address: string }[]) : []
    const address = first?.address ?? found
    done(error ?? undefined, typeof address === 'string' && address !== '' ? address : undefined)
  })
}

/** A pool keeps its idle connections, and what it has lent out is in use: an answer, say, that nobody has read. */
function isInUse(socket: net.Socket): boolean {
  const request: unknown = Reflect.get(socket, '_httpMessage') // Node keeps it there until the answer was read
  return (request !== undefined && request !== null) || socket.readableLength > 0
}

/** Bytes for the holder of the socket. */
function receive(socket: net.Socket, bytes: Buffer | null): void {
  if (socket.destroyed) return
  refreshTimer(socket)
  socket.push(bytes)
  if (bytes === null && !socket.isPaused()) socket.read(0) // its end shows where nobody reads
}

/** Gives the socket what it needs in place of a handle. */
function put(
  socket: net.Socket,
  peer: { readonly address: string; readonly port: number },
  end: SocketEnd,
  { open }: Sockets,
  connection: Connection,
): void {
  Object.defineProperty(socket, 'pending', { configurable: true, get: () => socket.connecting })
  Object.assign(socket, {
    connecting: true,
    _host: connection.host,
    _peername: { ...peer, family: 'IPv4' },
    _getsockname: () => ({}), // until its host is known
    _read: () => undefined,
    _writev: undefined,
    _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void) {
      refreshTimer(socket)
      onceConnected(connection, () => {
        if (connection.watched?.wasRead() !== true) end.arrive(bytesOf(chunk, encoding))
        done()
      })
    },
    _final(done: () => void) {
      onceConnected(connection, () => {
        end.arrive(null)
        done()
      })
    },
    _destroy(error: Error | null, done: (error: Error | null) => void) {
      Object.assign(socket, { connecting: false })
      stopTimer(socket)
      open.delete(connection)
      end.destroy()
      done(error)
      process.nextTick(() => socket.emit('close', error !== null)) // a net.Socket emits it itself
    },
    ref() {
      setIdle(socket, false)
      return socket
    },
    unref() {
      setIdle(socket, true)
      return socket
    },
    resetAndDestroy: () => socket.destroy(),
  })
}
