// A Request as a simulated handler receives it: the platform's own, each read of whose body is a completion of the
// simulation. Natively it takes 9 microtask hops on one Node and 4 on another; as a step of its own it takes the same
// place in every history.
import type { WireRequest } from './wire.ts'
import { current } from '../simulate/context.ts'
import { platformClass } from '../simulate/globals.ts'
import { whenLeft } from '../simulate/give-up.ts'
import { watchesForLeaving } from '../simulate/serving.ts'
import { completion } from './completion.ts'
import type { BodyRest } from '../simulate/protocol.ts'
import { aborted } from './sockets/socket-errors.ts'
import { NextUrl, RequestCookies } from './next-request.ts'

const Native: typeof Request = platformClass(Request)

export class Delivered extends Native {
  readonly #wire: WireRequest
  #nextUrl: NextUrl | undefined
  #cookies: RequestCookies | undefined
  #signal: AbortSignal | undefined

  constructor(wire: WireRequest) {
    const { url, method, headers, body, rest, sent = wire } = wire
    const given = { method, headers: headers as [string, string][] }
    super(
      url,
      rest === undefined
        ? { ...given, body: body as BodyInit | null }
        : { ...given, body: arriving(body, rest), ...{ duplex: 'half' } }, // which the DOM's types do not know yet
    )
    this.#wire = sent
  }

  get nextUrl(): NextUrl {
    return (this.#nextUrl ??= new NextUrl(this.url))
  }

  get cookies(): RequestCookies {
    return (this.#cookies ??= new RequestCookies(this.headers.get('cookie') ?? ''))
  }

  override get signal(): AbortSignal {
    watchesForLeaving(this.#wire)
    return (this.#signal ??= this.#leaving())
  }

  /** Servers abort it when the caller has left. */
  #leaving(): AbortSignal {
    const context = current()
    if (context === undefined) return super.signal
    const controller = new AbortController()
    whenLeft(this.#wire, context, () => controller.abort(new DOMException('The client has left.', 'AbortError')))
    return controller.signal
  }

  override text(): Promise<string> {
    return completion(super.text())
  }

  override json(): Promise<unknown> {
    return completion(super.json())
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return completion(super.arrayBuffer())
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return completion(super.bytes())
  }

  override blob(): Promise<Blob> {
    return completion(super.blob())
  }

  override formData(): Promise<FormData> {
    return completion(super.formData())
  }
}

/** A body that comes over a bad connection. Where that breaks, its reader gets the error of Node's servers. */
function arriving(body: WireRequest['body'], rest: BodyRest): ReadableStream<Uint8Array> {
  let stop = (): void => undefined
  return new ReadableStream({
    start(controller) {
      const first = body === null ? new Uint8Array(0) : typeof body === 'string' ? Buffer.from(body) : body
      if (first.byteLength > 0) controller.enqueue(new Uint8Array(first))
      stop = rest((piece) => {
        if (piece === 'end') controller.close()
        else if (typeof piece === 'string') controller.error(aborted())
        else controller.enqueue(new Uint8Array(piece))
      })
    },
    cancel: () => stop(),
  })
}

Reflect.deleteProperty(Delivered.prototype, 'constructor') // it is the platform's
