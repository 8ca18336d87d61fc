// Statements of the adapter's own, in PostgreSQL's simple query protocol: they are done when the call returns, so that
// nothing comes between them. https://www.postgresql.org/docs/current/protocol-message-formats.html
import type { Pglite } from './pglite.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The kinds of messages that are needed here. */
const [query, dataRow, errorResponse] = ['Q', 'D', 'E'].map((letter) => letter.charCodeAt(0))

/**
 * Carries out one or more statements, which are one transaction where none of them says otherwise.
 *
 * @returns the rows of all of them, each value as text
 * @throws with PostgreSQL's own words where one of them fails
 */
export function rawQuery(db: Pglite, sql: string): readonly (readonly (string | null)[])[] {
  const rows: (readonly (string | null)[])[] = []
  let failure: string | undefined
  for (const { kind, body } of messagesIn(db.execProtocolRawSync(message(sql)))) {
    if (kind === dataRow) rows.push(valuesOf(body))
    else if (kind === errorResponse) failure ??= errorText(body)
  }
  if (failure !== undefined) throw new Error(failure)
  return rows
}

function message(sql: string): Uint8Array {
  const text = encoder.encode(sql)
  const bytes = new Uint8Array(text.length + 6)
  bytes[0] = query ?? 0
  new DataView(bytes.buffer).setInt32(1, text.length + 5)
  bytes.set(text, 5)
  return bytes
}

interface WireMessage {
  readonly kind: number
  readonly body: DataView
}

function* messagesIn(bytes: Uint8Array): Generator<WireMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < view.byteLength;) {
    const length = view.getInt32(at + 1)
    yield { kind: view.getUint8(at), body: new DataView(bytes.buffer, bytes.byteOffset + at + 5, length - 4) }
    at += length + 1
  }
}

function valuesOf(body: DataView): readonly (string | null)[] {
  const values: (string | null)[] = []
  let at = 2
  for (let left = body.getInt16(0); left > 0; left--) {
    const length = body.getInt32(at)
    at += 4
    if (length >= 0) values.push(textAt(body, at, length))
    else values.push(null)
    at += Math.max(length, 0)
  }
  return values
}

function textAt(body: DataView, at: number, length: number): string {
  return decoder.decode(new Uint8Array(body.buffer, body.byteOffset + at, length))
}

/** The field `M` of an error: what went wrong. */
function errorText(body: DataView): string {
  const fields = textAt(body, 0, body.byteLength).split('\0')
  return fields.find((field) => field.startsWith('M'))?.slice(1) ?? 'an error without words'
}
