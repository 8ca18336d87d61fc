// Writes an answer for a client, as a server of node:http does that sends no date of its own.
import { STATUS_CODES } from 'node:http'
import type { Spelling, WireReply } from '../wire.ts'
import { isOfConnection } from './hop-fields.ts'
import type { HeaderField } from './message-reader.ts'
import type { RequestHead } from './request-reader.ts'

/** How an answer is written. */
export interface AnswerWriter {
  /** The head, and as much of the body as is there. */
  readonly first: Buffer
  /** A further piece of the body; undefined where it has none. */
  piece(bytes: Uint8Array): Buffer | undefined
  /** What shows the end of the body, where that must be written. */
  ending(): Buffer | undefined
  /** Whether the connection ends with the answer. */
  readonly closes: boolean
}

/** RFC 9110, section 6.4.1. */
const bodiless: ReadonlySet<number> = new Set([204, 304])

/** @param request to which it is the answer */
export function answerWriter(
  { method, readsChunks, keepsAlive }: RequestHead,
  { status, statusText, headers, spelling, body, rest, trailers = () => [] }: WireReply,
): AnswerWriter {
  const hasBody = method !== 'HEAD' && !bodiless.has(status)
  const isWhole = rest === undefined && hasBody && trailers().length === 0
  const bytes = body === null || !hasBody ? nothing : asBuffer(body)
  const own = headers.filter(([name]) => !isOfConnection(name) || (!isWhole && name === 'content-length'))
  const fields = isWhole ? [...own, ['content-length', String(bytes.length)] as const] : own
  const hasLength = fields.some(([name]) => name === 'content-length')
  const isChunked = hasBody && !hasLength && readsChunks
  const closes = !keepsAlive || !(hasLength || readsChunks)
  const reason = statusText === '' ? (STATUS_CODES[status] ?? 'unknown') : statusText
  const framing = isChunked ? 'Transfer-Encoding: chunked\r\n' : ''
  const connection = closes ? 'close' : 'keep-alive'
  const head = `HTTP/1.1 ${status} ${reason}\r\n${linesOf(fields, spelling)}Connection: ${connection}\r\n${framing}\r\n`
  const framed = (piece: Buffer): Buffer => (isChunked ? chunk(piece) : piece)
  return {
    first: Buffer.concat([Buffer.from(head, 'latin1'), bytes.length === 0 ? nothing : framed(bytes)]),
    piece: (piece) => (hasBody && piece.length > 0 ? framed(asBuffer(piece)) : undefined),
    ending: () => (isChunked ? lastChunk(trailers(), spelling) : undefined),
    closes,
  }
}

const nothing: Buffer = Buffer.alloc(0)

/** The end of a body in chunks, and the fields that follow it. */
export function lastChunk(trailers: readonly HeaderField[], spelling?: Spelling): Buffer {
  return Buffer.from(`0\r\n${linesOf(trailers, spelling)}\r\n`, 'latin1')
}

/** Header fields as they are written, each a line. */
export function linesOf(fields: readonly HeaderField[], spelling?: Spelling): string {
  return fields.map(([name, value]) => `${spelling?.get(name) ?? name}: ${value}\r\n`).join('')
}

/** A piece of a body. An empty one would be its end. */
export function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/** No copy: nobody writes to what has been sent. */
function asBuffer(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}
