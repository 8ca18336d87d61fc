// Answers of Redis as values, from their bytes (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/).

/** An error is an object, since a text may say anything. */
export type RespValue = string | number | null | { readonly error: string } | readonly RespValue[]

/** Reads answers from bytes that come in pieces. */
export class RespReader {
  #rest: Buffer = Buffer.alloc(0)

  read(bytes: Uint8Array): readonly RespValue[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const values: RespValue[] = []
    for (let found = valueAt(this.#rest, 0); found !== undefined; found = valueAt(this.#rest, 0)) {
      values.push(found.value)
      this.#rest = this.#rest.subarray(found.end)
    }
    return values
  }
}

interface Found {
  readonly value: RespValue
  readonly end: number
}

/** Undefined where it has not come whole. */
function valueAt(bytes: Buffer, at: number): Found | undefined {
  const line = bytes.indexOf('\r\n', at)
  if (line < 0) return undefined
  const text = bytes.toString('utf8', at + 1, line)
  const after = line + 2
  switch (String.fromCharCode(bytes[at] ?? 0)) {
    case '+':
      return { value: text, end: after }
    case '-':
      return { value: { error: text }, end: after }
    case ':':
      return { value: Number(text), end: after }
    case '$':
      return bulkAt(bytes, after, Number(text))
    case '*':
      return arrayAt(bytes, after, Number(text))
    default:
      throw new Error(`No answer of Redis: ${bytes.toString('utf8', at, at + 40)}`)
  }
}

function bulkAt(bytes: Buffer, at: number, length: number): Found | undefined {
  if (length < 0) return { value: null, end: at }
  const end = at + length
  return bytes.length < end + 2 ? undefined : { value: bytes.toString('utf8', at, end), end: end + 2 }
}

function arrayAt(bytes: Buffer, at: number, length: number): Found | undefined {
  if (length < 0) return { value: null, end: at }
  const value: RespValue[] = []
  let end = at
  for (let index = 0; index < length; index++) {
    const item = valueAt(bytes, end)
    if (item === undefined) return undefined
    value.push(item.value)
    end = item.end
  }
  return { value, end }
}
