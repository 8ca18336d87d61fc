// Responses made of text, as most are inside a simulation; their text crosses to the caller as it is. They are
// instances of the platform's class without a body. The native body and its stream are made only when code asks for
// them, which saves a quarter of a round trip.
import { current } from '../context.ts'
import { platformClass } from './platform-class.ts'
import { imitate, put } from './replace.ts'

const Native = platformClass(globalThis.Response)

/** Statuses whose response has no body (WHATWG Fetch, null body status). */
export const nullBodyStatuses: ReadonlySet<number> = new Set([101, 103, 204, 205, 304])

class TextResponse extends Native {
  readonly #text: string
  readonly #init: ResponseInit | undefined
  #whole: Response | undefined
  #taken = false

  constructor(text: string, init: ResponseInit | undefined, type: string) {
    super(null, init)
    this.#text = text
    this.#init = init
    if (!this.headers.has('content-type')) this.headers.append('content-type', type)
  }

  static take(response: object): string | undefined {
    if (!(#text in response) || response.#whole !== undefined || response.#taken) return undefined
    response.#taken = true
    return response.#text
  }

  static read(response: object): string | undefined {
    return #text in response ? response.#text : undefined
  }

  get #native(): Response {
    if (this.#whole !== undefined) return this.#whole
    this.#whole = new Native(this.#text, { ...this.#init, headers: this.headers })
    if (this.#taken) void this.#whole.text() // so that the body counts as used
    return this.#whole
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#native.body
  }

  override get bodyUsed(): boolean {
    return this.#taken || this.#whole?.bodyUsed === true
  }

  override text(): Promise<string> {
    return this.#native.text()
  }

  override json(): Promise<unknown> {
    return this.#native.json()
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#native.arrayBuffer()
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#native.bytes()
  }

  override blob(): Promise<Blob> {
    return this.#native.blob()
  }

  override formData(): Promise<FormData> {
    return this.#native.formData()
  }

  override clone(): Response {
    return this.#native.clone()
  }
}

Reflect.deleteProperty(TextResponse.prototype, 'constructor') // so that code finds the platform's constructor

/**
 * Takes the text that a Response was made of, so that its body counts as used. Undefined for a Response whose body was
 * asked for, or that was not made of text inside a simulation.
 */
export function takeText(response: Response): string | undefined {
  return TextResponse.take(response)
}

/** The text that a Response was made of inside a simulation; undefined for any other Response. Takes nothing. */
export function textOf(response: Response): string | undefined {
  return TextResponse.read(response)
}

/** What was there before: the platform's, or what stands in for it, such as msw's. */
let below = Native
let replacement: typeof Response | undefined

export function installResponse(): void {
  replacement ??= made()
  below = globalThis.Response
  put(globalThis, 'Response', replacement)
}

/** Where msw was there first, its `close` puts back what it found. */
export function reassertResponse(): void {
  if (globalThis.Response === Native) installResponse()
}

function made(): typeof Response {
  const construct = function Response(...args: ConstructorParameters<typeof Native>): Response {
    const [body, init] = args
    if (new.target === own && typeof body === 'string' && isLean(init) && current() !== undefined)
      return new TextResponse(body, init, 'text/plain;charset=UTF-8')
    // Throws what the platform throws: a class needs new
    if (new.target === undefined) return Reflect.apply(below, undefined, args) as never
    // The cast holds: it constructs a Response
    return Reflect.construct(below, args, new.target === own ? below : new.target) as Response
  }
  const json = (data: unknown, init?: ResponseInit): Response => {
    // The cast holds: JSON.stringify gives undefined for undefined
    const text = isLean(init) && current() !== undefined ? (JSON.stringify(data) as string | undefined) : undefined
    return text === undefined ? Native.json(data, init) : new TextResponse(text, init, 'application/json')
  }
  const nativeJson: object = Reflect.get(Native, 'json') as object // a static method of the platform's
  const own = imitate(construct, Native)
  put(own, 'json', imitate(json, nativeJson))
  Object.defineProperty(own, 'prototype', { value: Native.prototype })
  put(Native.prototype, 'constructor', own)
  return own as unknown as typeof Response // it has all that the platform's has
}

/** Whether a TextResponse can serve. The platform handles whatever is unusual or wrong. */
function isLean(init: ResponseInit | undefined): boolean {
  return (
    init === undefined ||
    (typeof init === 'object' &&
      (init as object | null) !== null &&
      (init.status === undefined || !nullBodyStatuses.has(init.status)))
  )
}
