// How the cases of the transport suite send, ask and answer.
import { observedResponse, settled } from './observed.ts'
import type { ExchangeCase, SceneHandler } from './scene.ts'

export function post(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: 'POST', ...init })
}

/** What the echo says that it was sent. */
export async function echoed(response: Promise<Response>): Promise<unknown> {
  return (await response).json()
}

/** A client that sends a body to the echo. */
export function sends(body: () => RequestInit['body'], init: RequestInit = {}): ExchangeCase[1] {
  return ({ shop }) => settled(() => echoed(post(shop, { body: body() ?? null, ...init })))
}

/** A client that asks the echo. */
export function asks(init: object, path = '/'): ExchangeCase[1] {
  return ({ shop }) => settled(() => echoed(fetch(shop + path, init)))
}

/** A client that gives all that it sees of the shop's response. */
export const seen: ExchangeCase[1] = async ({ shop }) => observedResponse(await fetch(shop))

/** What a second use of a body gives after a first. */
export function twice(first: (r: Response) => unknown, second: (r: Response) => unknown): ExchangeCase[1] {
  return async ({ shop }) => {
    const response = await fetch(shop)
    return [
      await settled(() => first(response)),
      response.bodyUsed,
      await settled(() => second(response)),
      response.bodyUsed,
    ]
  }
}

/** A shop with one answer. */
export function answer(...init: ConstructorParameters<typeof Response>): SceneHandler {
  return () => new Response(...init)
}

export function file(): Blob {
  return new Blob(['a,b\r\n', new Uint8Array([0, 255])], { type: 'text/csv' })
}

export function streamOf(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
      controller.close()
    },
  })
}

/** What a request needs whose body is a stream. */
export const half = { duplex: 'half' } as RequestInit // missing in lib.dom
