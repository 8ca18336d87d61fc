// One end of a simulated connection where no user holds a net.Socket: what a server of node:http reads from and writes
// to. Bytes that are written reach the peer at once. It has no handle, no file descriptor and no real timer.
import { Duplex } from 'node:stream'
import { current, isDead, type VirtualTimer } from '../../simulate/context.ts'

/** Takes the bytes that the other end writes; null: there will be no more. */
export interface BytesTaker {
  take(bytes: Buffer | null): void
}

/** How an end names itself and its peer, as a socket does. */
export interface EndNames {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localPort: number
  readonly encrypted: boolean
}

/** A socket without a network, as servers know it. */
export class WireEnd extends Duplex {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly remoteFamily = 'IPv4'
  readonly localAddress = '10.0.0.1'
  readonly localPort: number
  readonly encrypted: boolean
  timeout = 0
  /** Called once it is destroyed; by force, where its owner resets the connection. */
  onGone: ((byForce: boolean) => void) | undefined
  #isReset = false
  #peer: BytesTaker | undefined
  #timer: VirtualTimer | undefined

  constructor(names: EndNames) {
    super({ allowHalfOpen: true, autoDestroy: true, emitClose: true })
    this.remoteAddress = names.remoteAddress
    this.remotePort = names.remotePort
    this.localPort = names.localPort
    this.encrypted = names.encrypted
  }

  /** What is written from now on goes there. */
  joinedTo(peer: BytesTaker): this {
    this.#peer = peer
    return this
  }

  /** Bytes from the peer. */
  arrive(bytes: Buffer | null): void {
    this.#timer?.refresh()
    if (!this.destroyed && !this.readableEnded) this.push(bytes)
  }

  override _read(): void {
    // Bytes are pushed as they come
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    this.#timer?.refresh()
    this.#peer?.take(bytesOf(chunk, encoding))
    done()
  }

  override _final(done: () => void): void {
    this.#peer?.take(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#timer?.cancel()
    const { onGone } = this
    this.onGone = undefined
    onGone?.(this.#isReset)
    done(error)
  }

  /** As of a socket: no byte for so long is a 'timeout', on the clock of who asks. */
  setTimeout(ms: number, callback?: () => void): this {
    const context = current()
    this.timeout = ms
    this.#timer?.cancel()
    this.#timer = undefined
    if (callback !== undefined) {
      if (ms > 0) this.once('timeout', callback)
      else this.removeListener('timeout', callback)
    }
    if (ms > 0 && context !== undefined && !isDead(context.life))
      this.#timer = context.host.arm(context, Math.trunc(ms), () => void this.emit('timeout'), false)
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  address(): object {
    return { address: this.localAddress, family: this.remoteFamily, port: this.localPort }
  }

  /**
   * Its history is over. A server of node:http keeps a parser for each connection, outside of the memory that is
   * collected, and with it all that was going on. It is given back in silence: the code of a process that died, or
   * hangs, must not run again.
   */
  release(): void {
    const parser: unknown = Reflect.get(this, 'parser') // Node puts it there
    if (typeof parser !== 'object' || parser === null) return
    Reflect.set(this, 'parser', null)
    for (const name of ['remove', 'close']) {
      const method: unknown = Reflect.get(parser, name)
      if (typeof method === 'function') Reflect.apply(method, parser, [])
    }
  }

  resetAndDestroy(): this {
    this.#isReset = true
    return this.destroy()
  }

  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }
}

/** A copy, since the writer may use its memory again. */
export function bytesOf(chunk: Buffer | Uint8Array | string, encoding?: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk)
}
