// Reads the requests that a client writes on its connection, one after the other, and tells what cannot be carried.
import { METHODS } from 'node:http'
import type { Spelling } from '../wire.ts'
import { MessageReader, valueOf, type HeaderField, type Framing } from './message-reader.ts'

/** Request line and header fields. */
export interface RequestHead {
  readonly method: string
  /** As it was written: a path, or a whole URL, as for a proxy. */
  readonly target: string
  readonly fields: readonly HeaderField[]
  readonly spelling: Spelling
  /** Whether its client reads chunks, as those of HTTP/1.1 do. */
  readonly readsChunks: boolean
  /** Whether its client wants to use the connection again. */
  readonly keepsAlive: boolean
}

/** What a reader tells. */
export interface RequestListener {
  /** A request has begun. */
  head(head: RequestHead): void
  /** It has come whole. */
  request(head: RequestHead, body: Buffer, trailers: readonly HeaderField[]): void
  /** Nothing more is read. `what`: in words, where it is known. `bytes`: what came in place of a request. */
  notHttp(what: string | undefined, bytes: Buffer): void
}

/** Takes the bytes of one connection. */
export function requestReader(listener: RequestListener): (bytes: Buffer) => void {
  let head: RequestHead | undefined
  let pieces: Buffer[] = []
  let isOver = false
  const refuse = (what: string | undefined, bytes = nothing): 'malformed' => {
    if (!isOver) listener.notHttp(what, bytes)
    isOver = true
    return 'malformed'
  }
  const reader = new MessageReader(
    {
      head(first, fields, spelling) {
        const framing = framingOf(fields)
        head = headOf(first, fields, spelling)
        if (head === undefined || framing === undefined) return refuse(undefined)
        const other = otherProtocol(head)
        if (other !== undefined) return refuse(other)
        listener.head(head)
        return framing
      },
      body: (bytes) => void pieces.push(bytes),
      end(how, trailers) {
        const [only = nothing, ...more] = pieces
        pieces = []
        if (how === 'malformed' || head === undefined) refuse(undefined)
        else listener.request(head, more.length === 0 ? only : Buffer.concat([only, ...more]), trailers)
      },
    },
    false,
  )
  return (bytes) => {
    if (isOver) return
    reader.take(bytes)
    if (!mayBegin(reader.unread)) refuse(undefined, reader.unread)
  }
}

const nothing: Buffer = Buffer.alloc(0)
const methods: ReadonlySet<string> = new Set(METHODS)
const requestLine = /^([A-Z-]+) ([^ ]+) HTTP\/1\.([01])$/

function headOf(line: string, fields: readonly HeaderField[], spelling: Spelling): RequestHead | undefined {
  const [, method = '', target = '', minor] = requestLine.exec(line) ?? []
  if (!methods.has(method) || fields.some(([name]) => !isToken.test(name))) return undefined
  const connection = valueOf(fields, 'connection') ?? ''
  const readsChunks = minor === '1'
  const keepsAlive = readsChunks ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection)
  return { method, target, fields, spelling, readsChunks, keepsAlive }
}

/** RFC 9110, section 5.6.2; names are in lower case here. */
const isToken = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** Undefined where it says two things, or nothing that can be. */
function framingOf(fields: readonly HeaderField[]): Framing | undefined {
  const length = valueOf(fields, 'content-length')
  const coding = valueOf(fields, 'transfer-encoding')
  if (coding !== undefined) return length === undefined && /\bchunked$/i.test(coding) ? { by: 'chunks' } : undefined
  if (length === undefined) return { by: 'length', length: 0 }
  return /^\d+$/.test(length) ? { by: 'length', length: Number(length) } : undefined
}

function otherProtocol({ method, fields }: RequestHead): string | undefined {
  if (method === 'CONNECT') return 'a tunnel through a proxy (CONNECT)'
  const isUpgrade = /\bupgrade\b/i.test(valueOf(fields, 'connection') ?? '') && valueOf(fields, 'upgrade') !== undefined
  return isUpgrade ? 'the upgrade of a connection, as by a WebSocket' : undefined
}

/** Whether bytes may be the first ones of a request. A database's protocol would wait for its end for ever. */
function mayBegin(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, longestMethod + 1)
  if (text === '' || text === '\r') return true // of an empty line
  const end = text.indexOf(' ')
  const isMethod = end < 0 ? METHODS.some((method) => method.startsWith(text)) : methods.has(text.slice(0, end))
  return isMethod && !bareLineFeed.test(bytes.toString('latin1'))
}

const longestMethod = Math.max(...METHODS.map(({ length }) => length))
const bareLineFeed = /(?<!\r)\n/
