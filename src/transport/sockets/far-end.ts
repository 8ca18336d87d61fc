// The far end of a client's connection: reads the requests that arrive, and gives their answers in the order of the
// requests (RFC 9112, section 9.3.2). It stands in the place of a server of node:http, whose objects for a request and
// its answer cost as much as those of the server that is tested.
import { current, type Context } from '../../simulate/context.ts'
import type { HeaderField } from './message-reader.ts'
import { requestReader, type RequestHead } from './request-reader.ts'
import type { BytesTaker } from './wire-end.ts'

/** A request that has come whole. */
export interface FarRequest {
  readonly head: RequestHead
  readonly body: Buffer
  readonly trailers: readonly HeaderField[]
  /** Who wrote it; undefined where that is unknown. */
  readonly writer: Context | undefined
  readonly turn: AnswerTurn
}

/** What its owner does with what arrives. */
export interface FarEndOwner {
  request(request: FarRequest): void
  /** What came is no request of HTTP/1.1 that can be carried. `what`: in words, where it is known. */
  notHttp(what: string | undefined, bytes: Buffer): void
}

/** One end, as its client's socket knows it. */
export class FarEnd {
  /** Whose bytes arrived last. */
  writer: Context | undefined
  destroyed = false
  /** Set as the connection is taken, before any bytes arrive. */
  owner: FarEndOwner | undefined
  readonly #client: BytesTaker
  /** Those whose answers are not out, the oldest first. */
  readonly #turns: AnswerTurn[] = []
  readonly #read: (bytes: Buffer) => void

  constructor(client: BytesTaker) {
    this.#client = client
    let writer: Context | undefined
    this.#read = requestReader({
      head: ({ readsChunks, fields }) => {
        writer = this.writer
        const asks = fields.some(([name, value]) => name === 'expect' && /\b100-continue\b/i.test(value))
        if (readsChunks && asks) process.nextTick(() => this.give(goOn))
      },
      request: (head, body, trailers) => {
        const turn = new AnswerTurn(this)
        this.#turns.push(turn)
        const request = { head, body, trailers, writer, turn }
        // A tick later: now the client's own code is on the stack
        process.nextTick(() => this.owner?.request(request))
      },
      notHttp: (what, bytes) => this.owner?.notHttp(what, bytes),
    })
  }

  /** Bytes from the client; null: it will send no more, so that no answer is of use. */
  arrive(bytes: Buffer | null): void {
    this.writer = current() ?? this.writer
    if (this.destroyed) return
    if (bytes !== null) return this.#read(bytes)
    process.nextTick(() => {
      this.end()
      this.destroy()
    })
  }

  /** Bytes for the client. */
  give(bytes: Buffer): void {
    if (!this.destroyed) this.#client.take(bytes)
  }

  /** There is nothing more for the client. */
  end(): void {
    if (!this.destroyed) this.#client.take(null)
  }

  /** Nobody is there any more: whoever waits for an answer has left. */
  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    for (const turn of this.#turns.splice(0)) turn.leave()
  }

  /** Whether an answer is the next one. */
  isNext(turn: AnswerTurn): boolean {
    return this.#turns[0] === turn
  }

  /** The next answer is out. */
  next(): void {
    this.#turns.shift()
    this.#turns[0]?.flush()
  }
}

const goOn = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')

/** One request's answer. What is given for it waits until the answers before it are out. */
export class AnswerTurn {
  /** Called where its client leaves before its end. */
  left: (() => void) | undefined
  readonly #end: FarEnd
  #held: Buffer[] | undefined
  #isOver = false
  #closes = false

  constructor(end: FarEnd) {
    this.#end = end
  }

  give(bytes: Buffer): void {
    if (this.#end.isNext(this)) this.#end.give(bytes)
    else (this.#held ??= []).push(bytes)
  }

  /** The answer is complete. `closes`: the connection too. */
  over(closes: boolean): void {
    this.left = undefined
    this.#isOver = true
    this.#closes = closes
    if (this.#end.isNext(this)) this.#finish()
  }

  /** The answers before it are out. */
  flush(): void {
    for (const bytes of this.#held?.splice(0) ?? []) this.#end.give(bytes)
    if (this.#isOver) this.#finish()
  }

  #finish(): void {
    if (this.#closes) process.nextTick(() => this.#end.end())
    this.#end.next()
  }

  leave(): void {
    const { left } = this
    this.left = undefined
    left?.()
  }
}
