// The Response that a simulated caller receives. It is an instance of the platform's class, so that `instanceof` and
// `new Response(r.body, r)` work, but nothing native is built until code asks for headers or a stream. Each read of the
// body completes as an event of the simulation.
import { terminatedFetch } from './failed-fetch.ts'
import type { WireReply } from './wire.ts'
import { current } from '../simulate/context.ts'
import { callerOf, nullBodyStatuses, platformClass } from '../simulate/globals.ts'
import type { World } from '../simulate/world.ts'
import { completion } from './completion.ts'

/** The request that this response answers. */
export interface FinalRequest {
  /** The URL of the last request, after redirects; without its fragment. */
  readonly url: string
  readonly redirected: boolean
  /** A redirect led to another origin. */
  readonly crossed: boolean
  readonly method: string
  /** Aborts the body as well. */
  readonly signal: AbortSignal | undefined
}

/** A stand-in for Response's constructor, which alone costs more than a whole simulated round trip should. */
function bare(): void {
  /* `this` has the subclass's prototype */
}
bare.prototype = Response.prototype
// The cast holds: its instances inherit from Response, though they lack the internal slots
const BareResponse: typeof Response = bare as unknown as typeof Response

export class Received extends BareResponse {
  readonly #reply: WireReply
  readonly #world: World
  readonly #asked: FinalRequest
  /** There is no body, not even an empty one, so that it can be read any number of times. */
  readonly #none: boolean
  #headers: Headers | undefined
  #used = false
  #stream: Response | undefined

  constructor(reply: WireReply, asked: FinalRequest, world: World) {
    super()
    this.#reply = reply
    this.#world = world
    this.#asked = asked
    this.#none = asked.method === 'HEAD' || nullBodyStatuses.has(reply.status)
    if (reply.rest !== undefined) this.#stream = this.#native()
  }

  override get url(): string {
    return this.#asked.url
  }

  override get redirected(): boolean {
    return this.#asked.redirected
  }

  override get type(): ResponseType {
    return this.#asked.crossed ? 'cors' : 'basic'
  }

  override get status(): number {
    return this.#reply.status
  }

  override get ok(): boolean {
    return this.#reply.status >= 200 && this.#reply.status < 300
  }

  override get statusText(): string {
    return this.#reply.statusText
  }

  override get headers(): Headers {
    return (this.#headers ??= Object.setPrototypeOf(
      new Headers(this.#reply.headers as [string, string][]),
      Unchangeable.prototype,
    ) as Headers) // the cast holds: setPrototypeOf returns its argument
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#asStream().body
  }

  override get bodyUsed(): boolean {
    return this.#used || this.#stream?.bodyUsed === true
  }

  override text(): Promise<string> {
    return this.#stream === undefined ? this.#read(() => this.#textOf()) : completion(this.#stream.text())
  }

  override json(): Promise<unknown> {
    return this.#stream === undefined
      ? this.#read(() => JSON.parse(this.#textOf()) as unknown)
      : completion(this.#stream.json())
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#stream === undefined ? this.#read(() => this.#bytes().buffer) : completion(this.#stream.arrayBuffer())
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#stream === undefined ? this.#read(() => this.#bytes()) : completion(this.#stream.bytes())
  }

  override blob(): Promise<Blob> {
    return completion(this.#asStream().blob())
  }

  override formData(): Promise<FormData> {
    this.#world.touch()
    return completion(this.#asStream().formData())
  }

  override clone(): Response {
    if (this.bodyUsed || this.#stream?.body?.locked === true)
      throw new TypeError('Response.clone: Body has already been consumed.')
    const twin = new Received(
      this.#reply.rest === undefined ? this.#reply : { ...this.#reply, rest: () => nothing },
      this.#asked,
      this.#world,
    )
    if (this.#reply.rest !== undefined) twin.#stream = this.#stream?.clone()
    return twin
  }

  /** The part of the response that the history records. */
  summary(): { readonly status: number; readonly body?: string } {
    const { rest, whole } = this.#reply
    if (rest === undefined) return { status: this.status, body: this.#textOf() }
    return whole === undefined ? { status: this.status } : { status: this.status, body: textOf(whole) }
  }

  /** The fields that followed the body, at its end. */
  trailers(): WireReply['headers'] {
    return this.#reply.trailers?.() ?? []
  }

  /** The body, if all of it has arrived. */
  whole(): Uint8Array<ArrayBuffer> | undefined {
    return this.#reply.rest === undefined ? this.#bytes() : undefined
  }

  #read<T>(produce: () => T): Promise<T> {
    if (this.#used) return Promise.reject(new TypeError('Body is unusable: Body has already been read'))
    const { signal } = this.#asked
    if (!this.#none) {
      this.#used = true
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error) // whatever the caller aborted with
    }
    const context = current()
    if (context === undefined) {
      try {
        return Promise.resolve(produce())
      } catch (error) {
        return Promise.reject(error)
      }
    }
    return this.#world.later(context, produce)
  }

  #textOf(): string {
    const { body } = this.#reply
    return body === null || this.#none ? '' : textOf(body)
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    const { body } = this.#reply
    return body === null || this.#none
      ? new Uint8Array(0)
      : typeof body === 'string'
        ? encoder.encode(body)
        : new Uint8Array(body)
  }

  #asStream(): Response {
    return (this.#stream ??= this.#native())
  }

  #native(): Response {
    const init = { status: this.#reply.status, headers: this.#reply.headers as [string, string][] }
    if (this.#none) return new Response(null, init)
    const native = new Response(
      this.#reply.rest === undefined && this.#asked.signal === undefined ? this.#bytes() : this.#streamed(),
      init,
    )
    // the body was read without this stream: mark the stream as read, too
    if (this.#used) native.arrayBuffer().catch(nothing)
    return native
  }

  #streamed(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { rest } = this.#reply
    const { signal } = this.#asked
    let open = true
    let stop = nothing
    const here = (): Error => callerOf(here)
    const context = current()
    const closed =
      rest === undefined
        ? undefined
        : context?.host.opened?.(context, {
            kind: 'stream',
            what: `a body that ${new URL(this.#asked.url).origin} streams`,
            caller: here(),
          })
    let stream: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
    const end = (finish: () => void): void => {
      if (!open) return
      open = false
      closed?.()
      signal?.removeEventListener('abort', abort)
      finish()
    }
    const leave = (finish: () => void): void => {
      if (open) stop()
      end(finish)
    }
    const abort = (): void => leave(() => stream.error(signal?.reason))
    const enqueue = (bytes: Uint8Array<ArrayBuffer>): void => {
      if (open && bytes.byteLength > 0) stream.enqueue(bytes)
    }
    return new ReadableStream(
      {
        start: (controller) => {
          stream = controller
          if (signal?.aborted === true) return abort()
          signal?.addEventListener('abort', abort)
          if (rest === undefined) return
          enqueue(this.#bytes())
          stop = rest((piece) => {
            if (piece === 'end') end(() => stream.close())
            else if (typeof piece === 'string') end(() => stream.error(terminatedFetch(piece)))
            else enqueue(new Uint8Array(piece))
          })
        },
        pull: () => {
          if (rest !== undefined) return
          enqueue(this.#bytes())
          end(() => stream.close())
        },
        cancel: () => leave(nothing),
      },
      { highWaterMark: 0 },
    )
  }
}

function textOf(body: string | Uint8Array): string {
  return typeof body !== 'string' ? decoder.decode(body) : body.startsWith('\ufeff') ? body.slice(1) : body
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()
const nothing = (): void => undefined

const NativeHeaders = platformClass(Headers)

/** Headers that came over the network: as on the platform, they cannot be changed. */
class Unchangeable extends NativeHeaders {
  override append(): void {
    throw new TypeError('immutable')
  }

  override set(): void {
    throw new TypeError('immutable')
  }

  override delete(): void {
    throw new TypeError('immutable')
  }
}

// Instances then inherit `constructor` from the global class of that moment: the simulation replaces Response.
Reflect.deleteProperty(Unchangeable.prototype, 'constructor')
Reflect.deleteProperty(Received.prototype, 'constructor')
