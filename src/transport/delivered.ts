// A Request as a simulated handler receives it: the platform's own, each read of whose body is a completion of the
// simulation. Natively it takes 9 microtask hops on one Node and 4 on another; as a step of its own it takes the same
// place in every history.
import type { WireRequest } from './wire.ts'
import { watchesForLeaving } from '../simulate/serving.ts'
import { completion } from './completion.ts'
import { NextUrl, RequestCookies } from './next-request.ts'

export class Delivered extends Request {
  readonly #wire: WireRequest
  #nextUrl: NextUrl | undefined
  #cookies: RequestCookies | undefined

  constructor(wire: WireRequest) {
    const { url, method, headers, body } = wire
    super(url, { method, headers: headers as [string, string][], body: body as BodyInit | null })
    this.#wire = wire
  }

  get nextUrl(): NextUrl {
    return (this.#nextUrl ??= new NextUrl(this.url))
  }

  get cookies(): RequestCookies {
    return (this.#cookies ??= new RequestCookies(this.headers.get('cookie') ?? ''))
  }

  override get signal(): AbortSignal {
    watchesForLeaving(this.#wire)
    return super.signal
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

Reflect.deleteProperty(Delivered.prototype, 'constructor') // it is the platform's
