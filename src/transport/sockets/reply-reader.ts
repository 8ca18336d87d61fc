// Reads what a server of node:http writes as its answer: status line, header fields and body, as it is written.
import type { Spelling } from '../wire.ts'
import { MessageReader, valueOf, type HeaderField, type Framing } from './message-reader.ts'

/** What a reader tells of an answer. */
export interface ReplyListener {
  head(head: ReplyHead): void
  body(bytes: Uint8Array): void
  /** `closed`: the connection was closed before its end, or it is no HTTP. `reset`: by force. */
  end(how: 'end' | 'closed' | 'reset', trailers: readonly HeaderField[]): void
}

/** Status line and header fields; names in lower case. */
export interface ReplyHead {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly HeaderField[]
  readonly spelling: Spelling
}

const bodiless: ReadonlySet<number> = new Set([204, 304])

/** Reads one answer. `method` of the request: an answer to HEAD has no body. */
export function replyReader(method: string, listener: ReplyListener): MessageReader {
  return new MessageReader(
    {
      head(first, headers, spelling) {
        const [, code = '', statusText = ''] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(first) ?? []
        const status = Number(code)
        if (code === '') return 'malformed'
        if (status < 200 && status !== 101) return 'interim' // 100 Continue, 103 Early Hints
        listener.head({ status, statusText, headers, spelling })
        return method === 'HEAD' || bodiless.has(status) ? { by: 'length', length: 0 } : framingOf(headers)
      },
      body: (bytes) => listener.body(bytes),
      end: (how, trailers) => listener.end(how === 'malformed' ? 'closed' : how, trailers),
    },
    true,
  )
}

function framingOf(headers: readonly HeaderField[]): Framing {
  if (/chunked/i.test(valueOf(headers, 'transfer-encoding') ?? '')) return { by: 'chunks' }
  const length = valueOf(headers, 'content-length')
  return length === undefined ? { by: 'close' } : { by: 'length', length: Number(length) }
}
