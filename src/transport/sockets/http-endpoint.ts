// The far end of a client's connections: issues a link's call for each request, and writes the reply when that arrives.
import { STATUS_CODES } from 'node:http'
import { isIPv6 } from 'node:net'
import { isDead, within, type Context } from '../../simulate/context.ts'
import { callerOf, socketWords, userFrame } from '../../simulate/globals.ts'
import { giveUp } from '../../simulate/give-up.ts'
import type { Links } from '../../simulate/link.ts'
import type { BodyPiece, CallFailure, WireCall } from '../../simulate/protocol.ts'
import type { World } from '../../simulate/world.ts'
import { reachOf, type FindCallee } from '../addresses.ts'
import { http } from '../http.ts'
import { placeOf, readableTarget } from '../raw-target.ts'
import type { WireReply, WireRequest } from '../wire.ts'
import { answerWriter } from './answer-writer.ts'
import type { FarRequest } from './far-end.ts'
import { isOfConnection } from './hop-fields.ts'
import { valueOf } from './message-reader.ts'
import { lineOfRequest } from './request-lines.ts'
import { addressAfter, connectionError, movesIn, reset, systemConnectMs } from './socket-errors.ts'
import { setIdle } from './socket-timer.ts'
import type { Connection, Endpoint } from './sockets-of.ts'

/** What requests of connections need of their simulation. */
export interface HttpCalls {
  readonly world: World
  readonly links: Links
  readonly find: FindCallee
  /** Nobody answers there. */
  unknown(context: Context, request: WireRequest): void
}

/** HTTP over sockets: a client of node:http waits until somebody ends it. */
const overSockets: typeof http = { ...http, patienceMs: Infinity, connectMs: systemConnectMs }

/** What the connections of one history lead to. */
export function httpEndpoint(calls: HttpCalls): Endpoint {
  const knows: Endpoint['knows'] = (place) => calls.find(originOf(place), place.context) !== undefined
  return {
    knows,
    addressOf: (host) => addressAfter(movesOf(calls, host)),
    take(connection) {
      const served: Served = { calls, connection, origin: originOf(connection), isKept: false }
      connection.end.owner = {
        request: (request) => onRequest(served, request),
        notHttp: (what, bytes) => notHttp(connection, what, bytes),
      }
      const { caller } = connection
      if (caller !== undefined && !knows(connection)) nameUnlessAsked(calls, connection, caller)
    },
  }
}

/** How often the node behind a name has moved. Most histories have none that did. */
function movesOf({ world, find }: HttpCalls, host: string): number {
  const url = [...world.nodes.values()].some(({ moves }) => moves > 0) ? URL.parse(`http://${host}`) : null
  return url === null || host === 'localhost' ? 0 : (find(url, undefined)?.node.moves ?? 0)
}

function originOf({ host, port, isSecure }: Pick<Connection, 'host' | 'port' | 'isSecure'>): URL {
  return new URL(`${isSecure ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${port}`)
}

/** Whoever connects to nobody and then waits would wait in silence. A request is named better, by itself. */
function nameUnlessAsked({ world }: HttpCalls, { context, end, host, port }: Connection, caller: Error): void {
  world.scheduler.add(world.nowMs, () => {
    if (isDead(context.life) || end.writer !== undefined || end.destroyed) return
    const words = socketWords('a connection', caller, `${host}:${port}`)
    context.host.escaped(context, `${words}, where nobody is`, userFrame(caller))
  })
}

/** What is no request of HTTP/1.1 cannot be carried: a database's protocol, say, of which `what` is undefined. */
function notHttp({ context, host, port, ...connection }: Connection, what: string | undefined, bytes: Buffer): void {
  if (isDead(context.life)) return
  // The field that asks for an upgrade may have been set late: then it is written on this stack
  const caller = connection.caller ?? callerOf(notHttp)
  const sender = socketWords('a socket', caller, `${host}:${port}`)
  const words = what ?? `bytes that are no HTTP/1.1, sent by ${sender}${storeHint(context, port, bytes)}`
  context.host.escaped(context, words, userFrame(caller))
}

/** A database that was not registered, or at another place. */
function storeHint({ host }: Context, port: number, bytes: Buffer): string {
  if (port !== 5432 && !(bytes.length >= 8 && beginsPostgres.has(bytes.readUInt32BE(4)))) return ''
  const { stores } = host as World // the only Host that lends contexts is a World
  const other = stores.find((store) => 'accept' in store)?.name
  return other === undefined
    ? ', as of PostgreSQL (its store is postgres(db) of two-generals/postgres)'
    : `, as of PostgreSQL (the store ${JSON.stringify(other)} is elsewhere: see its \`at\`)`
}

/** What PostgreSQL's drivers may send first: the version of the protocol, and the wish for TLS, or GSS. */
const beginsPostgres: ReadonlySet<number> = new Set([196_608, 80_877_103, 80_877_104])

interface Served {
  readonly calls: HttpCalls
  readonly connection: Connection
  readonly origin: URL
  /** A request came over it already. */
  isKept: boolean
}

function onRequest(served: Served, asked: FarRequest): void {
  const { connection } = served
  const context = asked.writer ?? connection.context
  setIdle(connection.socket, false)
  const status = refusalOf(asked)
  if (status === 'unreadable') return refuseUnread(asked)
  if (status !== undefined) return refuse(asked, status)
  issue(served, context, asked, (reply) => write({ connection, context, asked }, reply))
}

/** What Node's own servers refuse themselves. */
function refusalOf({ head: { target, fields, readsChunks } }: FarRequest): number | 'unreadable' | undefined {
  if (!readableTarget.test(target)) return 'unreadable'
  if (readsChunks && valueOf(fields, 'host') === undefined) return 400
  const expected = valueOf(fields, 'expect')
  return expected === undefined || /\b100-continue\b/i.test(expected) ? undefined : 417
}

function refuse({ head, turn }: FarRequest, status: number): void {
  const closes = status === 400 || !head.keepsAlive
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, `Connection: ${closes ? 'close' : 'keep-alive'}`]
  turn.give(Buffer.from([...lines, 'Transfer-Encoding: chunked', '', '0', '', ''].join('\r\n')))
  turn.over(closes)
}

/** As Node's parser makes them do. */
function refuseUnread({ turn }: FarRequest): void {
  turn.give(Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'))
  turn.over(true)
}

function wireOf(
  { head, body, trailers }: FarRequest,
  { calls, connection, origin }: Served,
  context: Context,
): WireRequest {
  const { method, target, fields, spelling } = head
  const headers = fields.filter(([name]) => name !== 'host' && !isOfConnection(name))
  const named = valueOf(fields, 'host')
  // Where it was sent decides, and not its field Host, which proxies pass on. Of an address only that tells more.
  const isAddress = movesIn(connection.host) !== undefined && named !== undefined
  const base = isAddress ? (URL.parse(`${connection.isSecure ? 'https' : 'http'}://${named}`) ?? origin) : origin
  const place = placeOf(calls, context, base, target)
  if (named !== undefined && named !== place.url.host) headers.push(['host', named])
  const request = { method, ...place, headers, spelling, body: bodyOf(body, valueOf(fields, 'content-type')) }
  return trailers.length === 0 ? request : { ...request, trailers }
}

/** Text stays text, so that keys are found in it. */
function bodyOf(body: Buffer, type: string | undefined): string | Uint8Array | null {
  if (body.length === 0) return null
  const text = type === undefined ? undefined : utf8(body)
  return text ?? new Uint8Array(body)
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(body: Buffer): string | undefined {
  try {
    return strict.decode(body)
  } catch {
    return undefined
  }
}

/** Whoever looked a name up itself goes on calling where it led then. */
function lookedUp({ address, isSecure }: Connection): Pick<WireCall, 'lookedUpAfter' | 'proves'> {
  const moves = address === undefined ? undefined : movesIn(address)
  return moves === undefined ? {} : { lookedUpAfter: moves, ...(isSecure ? { proves: true } : {}) }
}

function issue(served: Served, context: Context, asked: FarRequest, answered: (reply: WireReply) => void): void {
  if (isDead(context.life)) return
  const { calls, connection, origin, isKept } = served
  served.isKept = true
  const { turn } = asked
  const { world, links } = calls
  const request = wireOf(asked, served, context)
  const callee = calls.find(request.url, context)
  if (callee === undefined) return calls.unknown(context, request)
  const { socket, end, host, port } = connection
  const call = links.issue(
    world,
    context,
    {
      protocol: overSockets,
      request,
      callee,
      ...(isKept ? { reach: 'kept connection' } : { ...reachOf(origin), ...lookedUp(connection) }),
      answer(reply) {
        turn.left = undefined
        if (reply.status === 0 && reply.statusText === 'reset') socket.destroy(reset())
        else if (reply.status === 0) end.end()
        else answered(reply)
      },
      fail(failure: CallFailure) {
        turn.left = undefined
        if (failure === 'closed') end.end()
        else socket.destroy(connectionError(failure, host, port) ?? reset())
      },
      gone() {
        turn.left = undefined
        within(context, () => socket.destroy())
      },
      unconnected() {
        if (connection.watched !== undefined) connection.watched.isUnreachable = true
        return undefined
      },
    },
    lineOfRequest(socket),
  )
  if (connection.watched !== undefined) connection.watched.isSilent = () => call.hung
  // The client closed its connection: it gave up
  turn.left = () => giveUp(world, call)
}

/** A request, who wrote it, and on which connection. */
interface Asking {
  readonly connection: Connection
  readonly context: Context
  readonly asked: FarRequest
}

function write({ connection: { socket, end }, context, asked: { head, turn } }: Asking, reply: WireReply): void {
  const writer = answerWriter(head, reply)
  const complete = (): void => {
    const ending = writer.ending()
    if (ending !== undefined) turn.give(ending)
    turn.over(writer.closes)
    setIdle(socket, true)
  }
  turn.give(writer.first)
  const { rest } = reply
  if (rest === undefined) return complete()
  let isOpen = true
  const hear = (piece: BodyPiece): void => {
    if (!isOpen || piece === 'timeout') return
    if (typeof piece !== 'string') {
      const bytes = writer.piece(piece)
      if (bytes !== undefined) turn.give(bytes)
      return
    }
    isOpen = false
    if (piece === 'reset') return void socket.destroy(reset())
    if (piece === 'closed') return end.end()
    complete()
  }
  const stop = rest((piece) => within(context, () => hear(piece)))
  turn.left = () => {
    if (!isOpen) return
    isOpen = false
    stop()
  }
}
