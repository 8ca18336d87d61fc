// Hands a request to a server of node:http, as a connection of its own that carries one request, and reads its answer.
import { Server, type IncomingMessage, type ServerResponse } from 'node:http'
import type { BodyListener, BodyRest } from '../../simulate/protocol.ts'
import { longestOnTheWayMs } from '../../scenario/lengths.ts'
import { current, isDead, within, type Context, type VirtualTimer } from '../../simulate/context.ts'
import { whenLeft } from '../../simulate/give-up.ts'
import { watchesForLeaving } from '../../simulate/serving.ts'
import { pathOf, type WireReply, type WireRequest } from '../wire.ts'
import { chunk, lastChunk, linesOf } from './answer-writer.ts'
import { isOfConnection } from './hop-fields.ts'
import type { HttpServerOfNode } from './listen.ts'
import { addressOfCaller } from './machine-address.ts'
import { connected } from './open-connections.ts'
import { replyReader, type ReplyHead } from './reply-reader.ts'
import { socketsOf } from './sockets-of.ts'
import { bytesOf, WireEnd } from './wire-end.ts'

/** Resolves as the head of the answer leaves; rejects never, since a server that throws crashes its process. */
export function deliver(server: HttpServerOfNode, request: WireRequest): Promise<WireReply> {
  closeAfterAnswer(server)
  const context = current()
  const { url, method, sent = request } = request
  const end = new WireEnd({
    remoteAddress: context === undefined ? '' : addressOfCaller(context),
    remotePort: 49152,
    localPort: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    encrypted: url.protocol === 'https:',
  })
  const { promise, resolve } = Promise.withResolvers<WireReply>()
  let answer: Writing | undefined
  let hasLeft = false
  const gone = (): void => {
    if (context !== undefined && !isDead(context.life)) within(context, () => void end.destroy())
  }
  const reader = replyReader(method, {
    head(head) {
      answer = answerOf(head, gone, context)
      resolve(answer.reply)
    },
    body: (bytes) => answer?.add(bytes),
    end(how, trailers) {
      if (answer !== undefined) return answer.ended(how, trailers)
      const none = { status: 0, statusText: how === 'reset' ? 'reset' : '', headers: [], body: null }
      // Whoever is left by its caller still has to come to an end: nobody else would know of a handler that hangs
      if (hasLeft) onceEnded(end, () => resolve(none))
      else resolve(none)
    },
  })
  end.joinedTo(reader)
  const served = socketsOf(context)?.served
  served?.add(end)
  end.onGone = (byForce) => {
    served?.delete(end)
    if (byForce) reader.break()
    else reader.take(null)
  }
  connected(server, end)
  server.emit(server instanceof Server ? 'connection' : 'secureConnection', end)
  // A tick later, so that what the handler throws is nobody's but its process's
  process.nextTick(() => {
    if (context !== undefined && isDead(context.life)) return
    end.arrive(written(request))
    if (context !== undefined)
      whenLeft(sent, context, () => {
        hasLeft = true
        if (hearsOfLeaving(end)) watchesForLeaving(sent)
        gone()
      })
    if (request.rest === undefined) return
    const limit = limitOf(server, end, context)
    request.rest((piece) => {
      if (end.destroyed) return
      if (typeof piece !== 'string') return end.arrive(pieceOf(request, Buffer.from(piece)))
      limit?.cancel()
      if (piece === 'end') return end.arrive(endOf(request))
      hasLeft = true
      watchesForLeaving(sent) // whoever waits for the rest of it waits for nobody
      gone()
    })
  })
  return promise
}

/** Node's servers look now and then for requests that are not whole after so long, and answer 408. */
function limitOf(server: HttpServerOfNode, end: WireEnd, context: Context | undefined): VirtualTimer | undefined {
  const { requestTimeout = 0, connectionsCheckingInterval: everyMs = 30_000 } = server as ServerLimits
  if (context === undefined || requestTimeout === 0) return undefined
  const { nowMs } = context.host
  const afterMs = Math.ceil((nowMs + requestTimeout) / everyMs) * everyMs - nowMs
  if (afterMs > longestOnTheWayMs) return undefined // no body takes so long
  const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
  return context.host.arm(context, afterMs, () => void end.emit('error', error), false)
}

/** What a server of Node keeps of its options, in milliseconds. */
interface ServerLimits {
  readonly requestTimeout?: number
  readonly connectionsCheckingInterval?: number
}

/** What a handler was given. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

const exchanges = new WeakMap<WireEnd, Exchange>()

/** Whether the handler wants to know of a caller that leaves: it need not answer that any more. */
function hearsOfLeaving(end: WireEnd): boolean {
  const { request, response } = exchanges.get(end) ?? {}
  const count = (request?.listenerCount('close') ?? 0) + (request?.listenerCount('aborted') ?? 0)
  return count + (response?.listenerCount('close') ?? 0) > ownListeners
}

/** `closeAfterAnswer` adds this one. */
const ownListeners = 1

/** Calls `done` once the handler has ended its answer, which nobody hears. */
function onceEnded(end: WireEnd, done: () => void): void {
  const response = exchanges.get(end)?.response
  if (response === undefined || response.writableEnded) return done()
  const native = response.end.bind(response)
  response.end = ((...args: Parameters<typeof native>) => {
    done()
    return native(...args)
  }) as typeof response.end // one function for all its overloads
}

const prepared = new WeakSet<HttpServerOfNode>()

/** The connection has no second request. */
function closeAfterAnswer(server: HttpServerOfNode): void {
  if (prepared.has(server)) return
  prepared.add(server)
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    if (!(socket instanceof WireEnd)) return
    exchanges.set(socket, { request, response })
    response.once('close', () => socket.destroy())
  })
}

function written(request: WireRequest): Buffer {
  const { method, url, target, headers, spelling, body, sent, trailers, rest } = request
  const bytes = body === null ? undefined : bytesOf(body)
  const whole = sent === undefined || sent.body === null ? bytes : bytesOf(sent.body)
  const own = headers.filter(([name]) => !isOfConnection(name))
  const host: readonly [string, string][] = own.some(([name]) => name === 'host') ? [] : [['host', url.host]]
  const fields: (readonly [string, string])[] = [...host, ...own, ['connection', 'keep-alive']]
  if (trailers !== undefined) fields.push(['transfer-encoding', 'chunked'])
  else if (whole !== undefined) fields.push(['content-length', String(whole.length)])
  else if (takesBody.has(method)) fields.push(['content-length', '0'])
  const head = Buffer.from(`${method} ${target ?? pathOf(url)} HTTP/1.1\r\n${linesOf(fields, spelling)}\r\n`, 'latin1')
  const first = bytes === undefined ? [] : [pieceOf(request, bytes)]
  return Buffer.concat([head, ...first, ...(rest === undefined ? [endOf(request)] : [])])
}

/** A piece of its body, as it is written: what has trailers comes in chunks. */
function pieceOf({ trailers }: WireRequest, bytes: Buffer): Buffer {
  return trailers === undefined || bytes.length === 0 ? bytes : chunk(bytes)
}

/** What is written behind its body. */
function endOf({ trailers, spelling }: WireRequest): Buffer {
  return trailers === undefined ? nothing : lastChunk(trailers, spelling)
}

const nothing: Buffer = Buffer.alloc(0)

const takesBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** An answer as it is being written. */
interface Writing {
  readonly reply: WireReply
  add(bytes: Uint8Array): void
  ended(how: 'end' | 'closed' | 'reset', trailers: WireReply['headers']): void
}

/** The reply leaves at the end of the drain, with as much of its body as is there by then. */
function answerOf(
  { status, statusText, headers, spelling }: ReplyHead,
  gone: () => void,
  context: Context | undefined,
): Writing {
  const pieces: Uint8Array[] = []
  let ending: 'end' | 'closed' | 'reset' | undefined
  let listener: BodyListener | undefined
  let follow: WireReply['headers'] = []
  const restAfter =
    (count: number): BodyRest =>
    (hear) => {
      for (const piece of pieces.splice(count)) hear(piece)
      if (ending === undefined) listener = hear
      else hear(ending)
      return () => {
        listener = undefined
        if (ending === undefined) gone()
      }
    }
  return {
    reply: {
      status,
      statusText,
      spelling,
      headers: headers
        .filter(([name]) => name === 'content-length' || !isOfConnection(name))
        .map(([name, value]) => [name, name === 'date' ? dateIn(context, value) : value]),
      get body() {
        return pieces.length === 0 && ending === 'end' ? null : new Uint8Array(Buffer.concat(pieces))
      },
      get rest() {
        return ending === 'end' ? undefined : restAfter(pieces.length)
      },
      trailers: () => follow,
    } as WireReply, // `rest` is absent where it is undefined
    add(bytes) {
      const own = new Uint8Array(bytes)
      if (listener === undefined) pieces.push(own)
      else listener(own)
    },
    ended(how, trailers) {
      ending = how
      follow = trailers
      listener?.(how)
    },
  }
}

/** Node takes the date of an answer from the real clock. */
function dateIn(context: Context | undefined, value: string): string {
  if (context === undefined) return value
  const second = Math.floor(context.host.wallMs(context.life) / 1_000)
  if (second !== lastDate.second) lastDate = { second, text: new Date(second * 1_000).toUTCString() }
  return lastDate.text
}

/** Kept as Node keeps its own: to write a date costs as much as all other fields. */
let lastDate = { second: NaN, text: '' }
