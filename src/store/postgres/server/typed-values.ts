// Values of PostgreSQL's text format as JavaScript has them, for the types that it has.

/** The types of a result's columns (`T`), by their numbers. */
export function typesIn(body: Uint8Array): readonly number[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const types: number[] = []
  let at = 2
  for (let left = view.getInt16(0); left > 0; left--) {
    const end = body.indexOf(0, at)
    types.push(view.getInt32(end + 7)) // after the table and the column
    at = end + 19
  }
  return types
}

/** One value. Whole numbers that a number cannot hold are a bigint. */
export function typedValue(text: string | null, type: number | undefined): unknown {
  if (text === null || type === undefined) return text
  return parsers[type]?.(text) ?? text
}

const whole = (text: string): number | bigint => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text))
const moment = (text: string): Date => new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))

/** By the numbers of `pg_type`. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  20: whole,
  21: Number,
  23: Number,
  26: Number,
  114: (text) => JSON.parse(text) as unknown,
  700: Number,
  701: Number,
  1114: (text) => moment(`${text}+00`),
  1184: moment,
  3802: (text) => JSON.parse(text) as unknown,
}
