// A Response as a simulated caller receives it: the platform's class (so that `instanceof` and `new Response(r.body, r)` behave) around
// bytes that are read without a stream. Each read is a completion of the simulation.
import type { WireReply } from '../message.ts'
import { current } from '../simulate/context.ts'
import type { World } from '../simulate/world.ts'

/** Statuses whose response has no body (WHATWG Fetch, null body status). */
const bodiless = new Set([101, 103, 204, 205, 304])

export class Received extends Response {
  readonly #reply: WireReply
  readonly #world: World
  readonly #url: string
  readonly #redirected: boolean
  #used = false
  #stream: Response | undefined

  constructor(reply: WireReply, url: string, redirected: boolean, world: World) {
    super(null, { status: reply.status, statusText: reply.statusText, headers: reply.headers as [string, string][] })
    this.#reply = reply
    this.#world = world
    this.#url = url
    this.#redirected = redirected
    if (reply.rest !== undefined) this.#stream = this.#native()
  }

  override get url(): string {
    return this.#url
  }

  override get redirected(): boolean {
    return this.#redirected
  }

  override get type(): ResponseType {
    return 'basic'
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#asStream().body
  }

  override get bodyUsed(): boolean {
    return this.#used || this.#stream?.bodyUsed === true
  }

  override text(): Promise<string> {
    return this.#stream?.text() ?? this.#read(() => this.#textOf())
  }

  override json(): Promise<unknown> {
    return this.#stream?.json() ?? this.#read(() => JSON.parse(this.#textOf()) as unknown)
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#stream?.arrayBuffer() ?? this.#read(() => this.#bytes().buffer)
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#stream?.bytes() ?? this.#read(() => this.#bytes())
  }

  override blob(): Promise<Blob> {
    return this.#stream?.blob() ?? this.#read(() => new Blob([this.#bytes()], { type: this.headers.get('content-type') ?? '' }))
  }

  override formData(): Promise<FormData> {
    this.#world.touch()
    return this.#asStream().formData()
  }

  override clone(): Response {
    if (this.bodyUsed) throw new TypeError('Response.clone: Body has already been consumed.')
    if (this.#reply.rest === undefined) return new Received(this.#reply, this.#url, this.#redirected, this.#world)
    return this.#asStream().clone()
  }

  /** What the history keeps of it. */
  summary(): { readonly status: number; readonly body?: string } {
    return this.#reply.rest === undefined ? { status: this.status, body: this.#textOf() } : { status: this.status }
  }

  #read<T>(produce: () => T): Promise<T> {
    if (this.bodyUsed) return Promise.reject(new TypeError('Body is unusable: Body has already been read'))
    this.#used = true
    const context = current()
    if (context === undefined) {
      try {
        return Promise.resolve(produce())
      } catch (error) {
        return Promise.reject(error as Error)
      }
    }
    return this.#world.later(context, produce)
  }

  #textOf(): string {
    const { body } = this.#reply
    return body === null ? '' : typeof body === 'string' ? body : decoder.decode(body)
  }

  #bytes(): Uint8Array<ArrayBuffer> {
    const { body } = this.#reply
    return body === null ? new Uint8Array(0) : typeof body === 'string' ? encoder.encode(body) : new Uint8Array(body)
  }

  #asStream(): Response {
    return (this.#stream ??= this.#native())
  }

  #native(): Response {
    const init = { status: this.#reply.status, headers: this.headers }
    if (this.#used || this.#reply.body === null || bodiless.has(this.#reply.status)) return new Response(null, init)
    return new Response(this.#reply.rest === undefined ? this.#bytes() : this.#streamed(), init)
  }

  #streamed(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { rest } = this.#reply
    return new ReadableStream({
      start: (controller) => {
        controller.enqueue(this.#bytes())
        let open = true
        rest?.((piece) => {
          if (!open) return
          if (piece === undefined) {
            open = false
            controller.close()
          } else controller.enqueue(new Uint8Array(piece))
        })
      },
    })
  }
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()
Object.defineProperty(Received, 'name', { value: 'Response' })
Object.defineProperty(Received.prototype, 'constructor', { value: Response, writable: true, configurable: true })
