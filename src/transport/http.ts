// HTTP as a link carries it: what a request is called, and how answers of others, damaged and broken bodies look on
// this wire. Pure functions over wire messages; knows neither fetch nor any framework.
import { askedAction } from './asked-action.ts'
import { breakAfterMs, brokenOff, trickled } from './body-pace.ts'
import { isRefusal } from '../history/status-why.ts'
import { lengthsInReply } from './lengths-in-reply.ts'
import { traceIn } from '../history/trace.ts'
import { pathTemplate } from '../scenario/alias.ts'
import type { Damage } from '../scenario/fault/delivery.ts'
import type { BodyFlow, BodyRest, Callee, Protocol, Server } from '../simulate/protocol.ts'
import { undiciConnectMs } from './unconnected.ts'
import type { WireReply, WireRequest } from './wire.ts'

/** Takes HTTP requests. */
export type HttpServer = Server<WireRequest, WireReply>

/** A node that answers HTTP requests. */
export type HttpCallee = Callee<WireRequest, WireReply>

/** RFC 9110, section 9.2.1. */
const safe = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
/** RFC 9110, section 9.2.2. */
const idempotent = new Set([...safe, 'PUT', 'DELETE'])

/** The protocol that links carry for `fetch`. */
export const http: Protocol<WireRequest, WireReply> = {
  patienceMs: 300_000, // undici's headersTimeout and bodyTimeout
  connectMs: undiciConnectMs,
  operationOf(request, aliases) {
    const { method, url } = request
    const action = askedAction(request)
    return `${method} ${pathTemplate(url.pathname, aliases)}${action === undefined ? '' : ` ${action}`}`
  },
  textsOf: ({ url, body }) => (typeof body === 'string' ? [url.href, body] : [url.href]),
  traceOf: ({ headers }) => traceIn(headers),
  isIdempotent: ({ method }) => idempotent.has(method),
  isRead: ({ method }) => safe.has(method),
  isDone: (status) => (isRefusal(status) ? false : status >= 200 && status < 400 ? true : undefined),
  lengthsIn: lengthsInReply,
  codeOf: ({ status }) => status,
  bodyBytesOf({ method }, { body, rest }) {
    if (body === null || method === 'HEAD' || (rest === undefined && body.length === 0)) return undefined
    return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  },
  isStreamed: ({ rest }) => rest !== undefined,
  requestBytesOf: ({ body }) => (body === null || body.length === 0 ? undefined : bytesOf({ body }).byteLength),
  arriving(request, { breaksAtByte, overMs, ...flow }) {
    const whole = bytesOf(request)
    if (whole.byteLength === 0) return request
    if (breaksAtByte !== undefined) return { ...request, ...brokenOff(whole, breaksAtByte, flow.later), sent: request }
    return overMs === undefined ? request : { ...request, ...trickled(whole, overMs, flow), sent: request }
  },
  bodyTextOf({ body, rest }) {
    if (body === null || rest !== undefined || body.length === 0 || body.length > longestText) return undefined
    return typeof body === 'string' ? body : utf8(body)
  },
  replyInstead: ({ status, retryAfterMs, dated = false, stranger = false }, nowMs) =>
    stranger
      ? proxysPage({ status, statusText: '' })
      : excuse(
          status,
          retryAfterMs === undefined ? [] : dated ? untilDate(retryAfterMs, nowMs) : inSeconds(retryAfterMs),
        ),
  replyOfFailure: () => ({ status: 500, statusText: '', headers: [], body: null }),
  replyOfOverload: () => excuse(503, []),
  damaged: (reply, damage) => (damage === 'html' ? proxysPage(reply) : shortened(reply, damage)),
  brokenOff(reply, atByte, later) {
    const whole = bytesOf(reply)
    return { ...reply, body: whole.subarray(0, atByte), rest: brokenRest(reply.rest, atByte - whole.byteLength, later) }
  },
  trickled(reply, overMs, later) {
    const paced = { ...reply, ...trickled(bytesOf(reply), overMs, { later }, reply.rest) }
    return reply.rest === undefined && reply.body !== null ? { ...paced, whole: reply.body } : paced
  },
  relayed: (reply, relay) => (reply.rest === undefined ? reply : { ...reply, rest: relay(reply.rest) }),
}

/** Nobody reads more than this of an answer in a story. In characters or bytes. */
const longestText = 2_000

/** Bytes as text; undefined where they are none. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

type Headers = WireReply['headers']

/** Its body is not empty: who forgets to look at the status would be warned by a body that is no JSON. */
function excuse(status: number, headers: Headers): WireReply {
  return {
    status,
    statusText: '',
    headers: [['content-type', 'application/json'], ...headers],
    body: JSON.stringify({ error: { status, message: 'The service cannot answer now.' } }),
  }
}

function inSeconds(ms: number): Headers {
  return [['retry-after', String(Math.ceil(ms / 1_000))]]
}

/** A date has no fractions of a second. A client whose clock may be wrong compares it with the Date of the answer. */
function untilDate(ms: number, nowMs: number): Headers {
  const utc = (atMs: number): string => new Date(atMs).toUTCString()
  return [
    ['date', utc(nowMs)],
    ['retry-after', utc(Math.ceil((nowMs + ms) / 1_000) * 1_000)],
  ]
}

const page =
  '<!DOCTYPE html>\n<html><head><title>One moment</title></head><body><h1>We will be right back</h1></body></html>\n'

/**
 * A page comes with 200 in place of a success, and never in place of a failure: no client could be right about that.
 */
function proxysPage({ status, statusText }: Pick<WireReply, 'status' | 'statusText'>): WireReply {
  const success = status >= 200 && status < 300
  return {
    status: success ? 200 : status,
    statusText: success && status !== 200 ? 'OK' : statusText,
    headers: [['content-type', 'text/html; charset=utf-8']],
    body: page,
  }
}

/** Whoever damaged the body framed it anew: its length is that of what arrives. */
function shortened({ status, statusText, headers, ...reply }: WireReply, damage: Exclude<Damage, 'html'>): WireReply {
  const whole = bytesOf(reply)
  return {
    status,
    statusText,
    headers: headers.filter(([name]) => name !== 'content-length'),
    body: damage === 'empty' ? '' : whole.subarray(0, Math.floor(whole.byteLength / 2)),
  }
}

/** What follows the bytes that were there at first. `left`: after how many more bytes it breaks; below 0, at once. */
function brokenRest(rest: BodyRest | undefined, left: number, later: BodyFlow['later']): BodyRest {
  let leftBytes = left
  return (hear) => {
    const breaks = (): void => later(breakAfterMs, () => hear('reset'))
    if (leftBytes < 0 || rest === undefined) {
      breaks()
      return () => undefined
    }
    return rest((piece) => {
      if (leftBytes < 0) return
      if (typeof piece === 'string') return hear(piece === 'end' ? 'reset' : piece)
      if (leftBytes > 0) hear(piece.subarray(0, leftBytes))
      leftBytes -= piece.byteLength
      if (leftBytes < 0) breaks()
    })
  }
}

function bytesOf({ body }: Pick<WireReply, 'body'>): Uint8Array {
  return body === null ? new Uint8Array(0) : typeof body === 'string' ? Buffer.from(body) : body
}
