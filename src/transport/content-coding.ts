// Content-Encoding (RFC 9110, section 8.4) as `fetch` undoes it: the caller reads the content, while the headers still
// name the coding. Must not know how a reply came.
import zlib from 'node:zlib'
import { bind } from '../simulate/context.ts'
import { nullBodyStatuses } from '../simulate/globals.ts'
import type { BodyListener } from '../simulate/protocol.ts'
import type { WireReply } from './wire.ts'

/** How one coding is undone: of a whole body, and of one that comes in pieces. */
interface Decoder {
  readonly whole: (bytes: Uint8Array) => Uint8Array
  readonly stream: () => zlib.Gunzip | zlib.BrotliDecompress
}

// As undici: what is there is given out, and an end that is missing is no error.
const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants
const lenient = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH }
const lenientBrotli = { flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH }

const gzip: Decoder = {
  whole: (bytes) => zlib.gunzipSync(bytes, lenient),
  stream: () => zlib.createGunzip(lenient),
}
const deflate: Decoder = {
  whole: (bytes) => zlib.inflateSync(bytes, lenient),
  stream: () => zlib.createInflate(lenient),
}
const brotli: Decoder = {
  whole: (bytes) => zlib.brotliDecompressSync(bytes, lenientBrotli),
  stream: () => zlib.createBrotliDecompress(lenientBrotli),
}
const decoders: Readonly<Record<string, Decoder>> = { gzip, 'x-gzip': gzip, deflate, br: brotli }

/** A reply with the content that its body is a coding of; a coding that `fetch` does not know is left as it is. */
export function withoutCoding(reply: WireReply, method: string): WireReply {
  const header = reply.headers.find(([name]) => name === 'content-encoding')?.[1]
  if (header === undefined || method === 'HEAD' || nullBodyStatuses.has(reply.status)) return reply
  const codings = header.split(',').map((coding) => coding.trim().toLowerCase())
  const known = codings.flatMap((coding) => decoders[coding] ?? [])
  return known.length < codings.length ? reply : known.reduceRight(decoded, reply)
}

function decoded(reply: WireReply, { whole, stream }: Decoder): WireReply {
  const bytes = typeof reply.body === 'string' ? Buffer.from(reply.body) : (reply.body ?? new Uint8Array(0))
  const { rest } = reply
  if (rest !== undefined) return { ...reply, body: null, rest: (hear) => inPieces(stream(), bytes, rest, bind(hear)) }
  if (bytes.byteLength === 0) return reply
  try {
    return { ...reply, body: whole(bytes) }
  } catch {
    return { ...reply, body: null, rest: broken } // read, it fails as a connection that broke does
  }
}

function broken(hear: BodyListener): () => void {
  hear('reset')
  return () => undefined
}

function inPieces(
  decoder: zlib.Gunzip | zlib.BrotliDecompress,
  first: Uint8Array,
  rest: NonNullable<WireReply['rest']>,
  hear: BodyListener,
): () => void {
  decoder.on('data', (bytes: Buffer) => hear(bytes))
  decoder.on('end', () => hear('end'))
  decoder.on('error', () => hear('reset'))
  if (first.byteLength > 0) decoder.write(first)
  const stop = rest(
    bind((piece) => {
      if (typeof piece !== 'string') decoder.write(piece)
      else if (piece === 'end') decoder.end()
      else {
        decoder.destroy()
        hear(piece)
      }
    }),
  )
  return () => {
    decoder.destroy()
    stop()
  }
}
