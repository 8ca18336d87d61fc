// Bodies: as bytes on the wire, and as completions of the simulation when code under test reads them. Reading a body natively takes
// 9 microtask hops on one Node and 4 on another; as a step of its own it takes the same place in every history.
import type { WireReply } from '../message.ts'
import { current, isDead, never } from '../simulate/context.ts'
import type { World } from '../simulate/world.ts'

const readers = ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const
const simulated = new WeakSet<object>()
let patched = false

/** Makes reads of a simulated request's body steps of their own. */
export function completeReads(request: Request): void {
  if (!patched) patchReaders()
  simulated.add(request)
}

function patchReaders(): void {
  patched = true
  const prototype: Record<string, unknown> = Request.prototype as unknown as Record<string, unknown> // only its methods are looked up
  for (const name of readers) {
    const native = prototype[name]
    if (typeof native !== 'function') continue
    Object.defineProperty(prototype, name, {
      configurable: true, writable: true, enumerable: true,
      value: function read(this: object): unknown {
        const context = simulated.has(this) ? current() : undefined
        const result: unknown = native.call(this)
        return context === undefined ? result : completion(result as Promise<unknown>) // every body reader returns a promise
      },
    })
  }
}

/** Passes on what a native promise gives, as a step of its own. */
function completion<T>(result: Promise<T>): Promise<T> {
  const context = current()
  if (context === undefined) return result
  if (isDead(context.life)) return never()
  result.catch(() => undefined) // handled below, a step later
  return (context.host as World).later(context, () => undefined).then(() => result) // the only Host that lends contexts is a World
}

/** The bytes of a body that is known at once, or undefined where only a platform can serialise it. */
export function plainBody(body: unknown): string | Uint8Array | null | undefined {
  if (typeof body === 'string') return body
  if (body === undefined || body === null) return null
  if (body instanceof Uint8Array) return body.slice()
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0))
  return undefined
}

/**
 * What a response's body holds. Called as the handler answers; pieces that are there by the end of the drain are the body, later ones
 * follow as they come.
 */
export async function readReply(response: Response, touch: () => void): Promise<WireReply> {
  const headers = [...response.headers] as [string, string][]
  const { status, statusText } = response
  if (response.bodyUsed) throw new TypeError('The handler returned a Response whose body was already used')
  const { body } = response
  if (body === null) return { status, statusText, headers, body: null }
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
  const first = await reader.read()
  if (first.done) return { status, statusText, headers, body: new Uint8Array(0) }
  const pump = collect(reader, copyBytes(first.value), touch)
  await pump.settled
  return pump.done() ? { status, statusText, headers, body: pump.bytes() } : { status, statusText, headers, body: pump.bytes(), rest: pump.rest }
}

interface Pump {
  /** Resolves when the body is complete, or its next piece takes its time. */
  readonly settled: Promise<void>
  done(): boolean
  bytes(): Uint8Array
  readonly rest: (piece: (bytes: Uint8Array | undefined) => void) => void
}

/** Microtask hops after which a piece that has not come takes its time. */
const patience = 32

function collect(reader: ReadableStreamDefaultReader<Uint8Array>, first: Uint8Array, touch: () => void): Pump {
  const pieces = [first]
  let ended = false
  let listener: ((bytes: Uint8Array | undefined) => void) | undefined
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>()
  let reads = 0
  const read = (): void => {
    reads += 1
    void reader.read().then(({ done, value }) => {
      if (done) {
        ended = true
        listener?.(undefined)
        settle()
        return
      }
      const bytes = copyBytes(value)
      if (listener === undefined) pieces.push(bytes)
      else listener(bytes)
      read()
    }, () => {
      ended = true
      listener?.(undefined)
      settle()
    })
  }
  read()
  void giveUp()
  async function giveUp(): Promise<void> {
    for (let seen = -1; !ended && seen !== reads;) {
      seen = reads
      for (let hop = 0; hop < patience && !ended; hop++) await undefined
    }
    if (!ended) touch()
    settle()
  }
  return {
    settled,
    done: () => ended,
    bytes: () => (pieces.length === 1 ? first : concatenate(pieces)),
    rest: (piece) => {
      if (ended) piece(undefined)
      else listener = piece
    },
  }
}

function copyBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError('Received non-Uint8Array chunk') // undici's words for the same mistake
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}
