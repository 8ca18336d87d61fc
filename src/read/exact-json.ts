// JSON with exact integers: one that a number cannot hold becomes a bigint rather than the nearest number.

/** A series of digits that may be an integer above 2^53. */
const mayBeLong = /\d{16}/
const whole = /^-?\d+$/

/**
 * The value of a JSON text, with integers beyond 2^53 as bigint.
 *
 * @throws if the text is not JSON
 */
export function exactJson(text: string): unknown {
  return mayBeLong.test(text) ? JSON.parse(text, exact as (key: string, value: unknown) => unknown) : JSON.parse(text)
  // TypeScript does not know the reviver's third argument yet (JSON.parse source text access, Node 21)
}

function exact(_: string, value: unknown, { source = '' }: { readonly source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && whole.test(source) ? BigInt(source) : value
}
