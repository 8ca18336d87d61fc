// Reads messages of HTTP/1.1 (RFC 9112) as their bytes come: the head, and the body in whatever pieces. What a head
// means, and where its body ends, its listener says. The writer is mostly Node's own: what is malformed comes from code
// that writes to a socket itself.
import type { Spelling } from '../wire.ts'

/** Name in lower case, and value. */
export type HeaderField = readonly [name: string, value: string]

/** How the end of a body shows (RFC 9112, section 6.3). */
export type Framing =
  { readonly by: 'length'; readonly length: number } | { readonly by: 'chunks' } | { readonly by: 'close' }

/** What a reader tells of a message. */
export interface MessageListener {
  /**
   * How its body is framed. `interim`: it was none, and the message is still to come. `spelling`: of its fields; those
   * behind the body are added as they come.
   */
  head(first: string, fields: readonly HeaderField[], spelling: Spelling): Framing | 'interim' | 'malformed'
  body(bytes: Buffer): void
  /** `closed`: the connection was closed before its end. `reset`: by force. */
  end(how: 'end' | 'closed' | 'reset' | 'malformed', trailers: readonly HeaderField[]): void
}

/** Behind it may stand extensions, which nobody uses. */
const chunkSize = /^([\da-f]+)[\t ]*(?:;|$)/i
const [carriageReturn, lineFeed] = [0x0d, 0x0a]
const nothing: Buffer = Buffer.alloc(0)

/** What is read next. */
type MessagePart = 'head' | 'length' | 'close' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer' | 'over'

/** Reads one message after the other, until one is malformed or the connection is gone. */
export class MessageReader {
  readonly #listener: MessageListener
  readonly #isLast: boolean
  #rest: Buffer = nothing
  #part: MessagePart = 'head'
  /** Bytes left of a body, or of a chunk. */
  #left = 0
  #trailers: readonly HeaderField[] = []
  #spelling = new Map<string, string>()

  /** @param isLast whether nothing follows the first message */
  constructor(listener: MessageListener, isLast: boolean) {
    this.#listener = listener
    this.#isLast = isLast
  }

  /** Bytes of a message that is not over, nor begun. */
  get unread(): Buffer {
    return this.#part === 'head' ? this.#rest : nothing
  }

  /** Further bytes; null: there will be no more. */
  take(bytes: Buffer | null): void {
    if (this.#part === 'over') return
    if (bytes === null) return this.#end(this.#part === 'close' ? 'end' : 'closed')
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (this.#step());
  }

  /** The connection was reset. */
  break(): void {
    if (this.#part !== 'over') this.#end('reset')
  }

  /** Reads one part, if it is there. */
  #step(): boolean {
    switch (this.#part) {
      case 'head':
        return this.#head()
      case 'length':
        return this.#piece(() => this.#end('end'))
      case 'close':
        this.#listener.body(this.#cut(this.#rest.length))
        return false
      case 'chunk size':
        return this.#chunkSize()
      case 'chunk':
        return this.#piece(() => (this.#part = 'chunk end'))
      case 'chunk end':
        return this.#line(() => (this.#part = 'chunk size'))
      case 'trailer':
        return this.#line((line) => {
          if (line === '') this.#end('end')
          else this.#trailers = [...this.#trailers, fieldOf(line, this.#spelling)]
        })
      case 'over':
        return false
      default:
        return this.#part satisfies never
    }
  }

  #head(): boolean {
    // An empty line before it, RFC 9112, section 2.2
    while (this.#rest[0] === carriageReturn && this.#rest[1] === lineFeed) this.#cut(2)
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end < 0) return false
    const [first = '', ...lines] = this.#cut(end + 4)
      .toString('latin1', 0, end)
      .split('\r\n')
    const spelling = (this.#spelling = new Map<string, string>())
    const fields = lines.map((line) => fieldOf(line, spelling))
    const framing = this.#listener.head(first, fields, spelling)
    if (framing === 'interim') return true
    if (framing === 'malformed') this.#end('malformed')
    else this.#begin(framing)
    return this.#goesOn()
  }

  #begin(framing: Framing): void {
    this.#part = framing.by === 'chunks' ? 'chunk size' : framing.by
    if (framing.by !== 'length') return
    this.#left = framing.length
    if (framing.length === 0) this.#end('end')
  }

  /** Of what has a length. */
  #piece(complete: () => void): boolean {
    const piece = this.#cut(Math.min(this.#rest.length, this.#left))
    this.#left -= piece.length
    if (piece.length > 0) this.#listener.body(piece)
    if (this.#left === 0) complete()
    return this.#goesOn()
  }

  #chunkSize(): boolean {
    return this.#line((line) => {
      const [, size] = chunkSize.exec(line) ?? []
      this.#left = Number.parseInt(size ?? '', 16)
      if (size === undefined) this.#end('malformed')
      else this.#part = this.#left === 0 ? 'trailer' : 'chunk'
    })
  }

  #line(read: (line: string) => void): boolean {
    const end = this.#rest.indexOf('\r\n')
    if (end < 0) return false
    read(this.#cut(end + 2).toString('latin1', 0, end))
    return this.#goesOn()
  }

  #goesOn(): boolean {
    return this.#rest.length > 0
  }

  #cut(length: number): Buffer {
    const piece = this.#rest.subarray(0, length)
    this.#rest = length === this.#rest.length ? nothing : this.#rest.subarray(length)
    return piece
  }

  #end(how: 'end' | 'closed' | 'reset' | 'malformed'): void {
    this.#part = how === 'end' && !this.#isLast ? 'head' : 'over'
    const trailers = this.#trailers
    this.#trailers = []
    this.#listener.end(how, trailers)
  }
}

/** The value of the first field of a name. */
export function valueOf(fields: readonly HeaderField[], name: string): string | undefined {
  for (const [one, value] of fields) if (one === name) return value
  return undefined
}

function fieldOf(line: string, spelling: Map<string, string>): HeaderField {
  const colon = line.indexOf(':')
  let [start, end] = [colon + 1, line.length]
  while (isBlank(line.charCodeAt(start))) start += 1
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1
  const written = line.slice(0, colon)
  const name = written.toLowerCase()
  if (name !== written) spelling.set(name, written)
  return [name, line.slice(start, end)]
}

/** RFC 9110, section 5.6.3. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
