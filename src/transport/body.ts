// Bodies as bytes on the wire: what a caller sends, and what a handler answers, piece by piece where it takes its time.
import { types } from 'node:util'
import type { BodyListener } from '../simulate/protocol.ts'
import type { WireReply } from './wire.ts'
import { current, isDead, within } from '../simulate/context.ts'
import { takeText } from '../simulate/globals.ts'

/** The bytes of a body that is known at once, or undefined where only a platform can serialise it. */
export function plainBody(body: unknown): string | Uint8Array | null | undefined {
  if (typeof body === 'string') return body
  if (body === undefined || body === null) return null
  // Not by instanceof: in a test's environment (jsdom) bytes may be of another realm
  if (types.isUint8Array(body)) return new Uint8Array(body) // not `slice`, which shares a Buffer's memory
  if (types.isArrayBuffer(body)) return new Uint8Array(body.slice(0))
  return undefined
}

/**
 * What a response's body holds. Called as the handler answers; pieces that are there by the end of the drain are the
 * body, later ones follow as they come.
 */
export function readReply(response: Response, touch: () => void): WireReply | Promise<WireReply> {
  const text = takeText(response)
  if (text === undefined) return readStream(response, touch)
  return {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers] as [string, string][],
    body: text.toWellFormed(),
  }
}

const alreadyUsed = 'The handler returned a Response whose body was already used'

async function readStream(response: Response, touch: () => void): Promise<WireReply> {
  const { status, statusText, body } = response
  if (response.bodyUsed || body?.locked === true) throw new TypeError(alreadyUsed)
  const headers = [...response.headers] as [string, string][]
  if (body === null) return { status, statusText, headers, body: null }
  const form = withFixedBoundary(headers)
  const pump = collect(body.getReader(), form?.fix ?? copyOf, touch)
  await pump.settled
  const head = { status, statusText, headers: form?.headers ?? headers, body: pump.take() }
  return pump.done() ? head : { ...head, rest: pump.rest }
}

interface Pump {
  /** Resolves when the body is complete, or its next piece takes its time. */
  readonly settled: Promise<void>
  /** Whether the body is complete. */
  done(): boolean
  /** The pieces that are there. */
  take(): Uint8Array
  readonly rest: (hear: BodyListener) => () => void
}

/** Microtask hops after which a piece that has not come takes its time. */
const patience = 32
const aHop: Promise<void> = Promise.resolve()

function collect(
  reader: ReadableStreamDefaultReader<unknown>,
  keep: (bytes: Uint8Array) => Uint8Array,
  touch: () => void,
): Pump {
  const pieces: Uint8Array[] = []
  const context = current()
  let ended: 'end' | 'closed' | undefined
  let listener: BodyListener | undefined
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>()
  let reads = 0
  const end = (how: 'end' | 'closed'): void => {
    ended = how
    listener?.(how)
    settle()
  }
  const read = (): void => {
    reads += 1
    void reader.read().then(
      ({ done, value }) => {
        if (done) return end('end')
        if (!types.isUint8Array(value)) return end('closed') // no bytes: the platform's servers break off, too
        const bytes = keep(value)
        if (listener === undefined) pieces.push(bytes)
        else listener(bytes)
        read()
      },
      () => end('closed'),
    )
  }
  read()
  void giveUp()
  async function giveUp(): Promise<void> {
    for (let seen = -1; ended === undefined && seen !== reads;) {
      seen = reads
      for (let hop = 0; hop < patience && ended === undefined; hop++) await aHop
    }
    if (ended === undefined) touch()
    settle()
  }
  return {
    settled,
    done: () => ended === 'end',
    take: () => {
      const there = pieces.splice(0)
      return there.length === 1 && there[0] !== undefined ? there[0] : concatenate(there)
    },
    rest: (hear) => {
      for (const bytes of pieces.splice(0)) hear(bytes) // came after the head was made, before it left
      if (ended === undefined) listener = hear
      else hear(ended)
      return () => {
        if (ended !== undefined || context === undefined || isDead(context.life)) return
        listener = undefined
        // What a handler's `cancel` throws, no server hears
        within(context, () => void reader.cancel().catch(() => undefined))
      }
    },
  }
}

/** The handler may use its memory again. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/**
 * A form's headers and bytes with the boundary that it has in every history: the platform draws one for each. Undefined
 * for what is no form.
 */
export function withFixedBoundary(
  headers: readonly (readonly [string, string])[],
):
  | { readonly headers: readonly (readonly [string, string])[]; readonly fix: (bytes: Uint8Array) => Uint8Array }
  | undefined {
  const [, drawn] =
    /^multipart\/form-data; boundary=(----formdata-undici-\d+)$/.exec(
      headers.find(([name]) => name === 'content-type')?.[1] ?? '',
    ) ?? []
  if (drawn === undefined) return undefined
  return {
    headers: headers.map(([name, value]) => [
      name,
      name === 'content-type' ? value.replace(drawn, fixedBoundary) : value,
    ]),
    fix: (bytes) => Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(drawn, fixedBoundary), 'latin1'),
  }
}

const fixedBoundary = '----formdata-undici-000000000000'

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}
