// Messages of PostgreSQL's wire protocol, version 3: read from bytes and written to them, as far as they are needed
// here. Knows no connection. https://www.postgresql.org/docs/current/protocol-message-formats.html

/** A message of a server, or of a client after its first one. */
export interface WireMessage {
  /** Its first byte, a letter. */
  readonly kind: string
  /** Without kind and length. */
  readonly body: Uint8Array
  /** All of it. */
  readonly bytes: Uint8Array
}

/** Messages cut out of bytes, and what is left of one that is not complete. */
export interface CutMessages {
  readonly messages: readonly WireMessage[]
  readonly rest: Uint8Array
}

/** Cuts bytes into messages. */
export function cutMessages(bytes: Uint8Array): CutMessages {
  const view = viewOf(bytes)
  const messages: WireMessage[] = []
  let at = 0
  while (bytes.length - at >= 5) {
    const end = at + 1 + view.getInt32(at + 1)
    if (end > bytes.length) break
    const kind = String.fromCharCode(bytes[at] ?? 0)
    messages.push({ kind, body: bytes.subarray(at + 5, end), bytes: bytes.subarray(at, end) })
    at = end
  }
  return { messages, rest: bytes.subarray(at) }
}

/** One message. */
export function message(kind: string, ...parts: readonly (Uint8Array | number | string)[]): Uint8Array {
  const pieces = parts.map((part) => (typeof part === 'string' ? encoder.encode(`${part}\0`) : bytesOf(part)))
  const length = pieces.reduce((sum, piece) => sum + piece.length, 4)
  return joined([encoder.encode(kind), int32(length), ...pieces])
}

/** Bytes one after the other. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** The texts at the start of a body, each of which ends with a zero byte. */
export function textsIn(body: Uint8Array, count: number): readonly string[] {
  const texts: string[] = []
  let at = 0
  while (texts.length < count) {
    const end = body.indexOf(0, at)
    texts.push(decoder.decode(body.subarray(at, end)))
    at = end + 1
  }
  return texts
}

/** The values of a row (`D`): texts, or null. */
export function rowIn(body: Uint8Array): readonly (string | null)[] {
  return valuesAt(viewOf(body), 0)
}

/** The columns of a result (`T`). */
export function columnsIn(body: Uint8Array): readonly string[] {
  const view = viewOf(body)
  const names: string[] = []
  let at = 2
  for (let left = view.getInt16(0); left > 0; left--) {
    const end = body.indexOf(0, at)
    names.push(decoder.decode(body.subarray(at, end)))
    at = end + 19 // oid, column, type, its size, its modifier, format
  }
  return names
}

/** What a `B` binds: the statement's name and the parameters, those in binary form as bytes. */
export function bindIn(body: Uint8Array): { readonly statement: string; readonly params: readonly unknown[] } {
  const [portal = '', statement = ''] = textsIn(body, 2)
  const view = viewOf(body)
  let at = encoder.encode(portal).length + encoder.encode(statement).length + 2
  const formats: number[] = []
  for (let left = view.getInt16(at), next = at + 2; left > 0; left--, next += 2) formats.push(view.getInt16(next))
  at += 2 + 2 * formats.length
  const isBinary = (index: number): boolean => (formats.length === 1 ? formats[0] : formats[index]) === 1
  const params = valuesAt(view, at, isBinary)
  return { statement, params }
}

/** The words of an error (`E`): its fields, by their letters. */
export function errorIn(body: Uint8Array): ReadonlyMap<string, string> {
  const fields = decoder.decode(body).split('\0')
  return new Map(fields.filter((field) => field !== '').map((field) => [field.charAt(0), field.slice(1)]))
}

function valuesAt(view: DataView, start: number, isBinary?: (index: number) => boolean): (string | null)[] {
  const values: (string | null)[] = []
  let at = start + 2
  for (let left = view.getInt16(start); left > 0; left--) {
    const length = view.getInt32(at)
    at += 4
    const bytes = length < 0 ? undefined : new Uint8Array(view.buffer, view.byteOffset + at, length)
    if (bytes === undefined) values.push(null)
    else values.push(isBinary?.(values.length) === true ? hex(bytes) : decoder.decode(bytes))
    at += Math.max(length, 0)
  }
  return values
}

function hex(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString('hex')}`
}

/** How many bytes a text takes, with the zero byte at its end. */
export function lengthOf(text: string): number {
  return encoder.encode(text).length + 1
}

/** A number of two bytes. */
export function int16(value: number): Uint8Array {
  const bytes = new Uint8Array(2)
  viewOf(bytes).setInt16(0, value)
  return bytes
}

function bytesOf(part: Uint8Array | number): Uint8Array {
  return typeof part === 'number' ? int32(part) : part
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  viewOf(bytes).setInt32(0, value)
  return bytes
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
