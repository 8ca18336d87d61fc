// Exact sums of whole numbers of any size.

/** A number; or a bigint, for a whole number that a number cannot hold exactly. */
export type Numeric = number | bigint

export function isNumeric(value: unknown): value is Numeric {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
}

/** The exact sum; a bigint only if a number could not hold it. With fractions it is an ordinary sum of numbers. */
export function exactSum(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum) || !Number.isInteger(a) || !Number.isInteger(b)) return sum
  }
  if ((typeof a === 'number' && !Number.isInteger(a)) || (typeof b === 'number' && !Number.isInteger(b)))
    return Number(a) + Number(b)
  const sum = BigInt(a) + BigInt(b)
  return Number.isSafeInteger(Number(sum)) ? Number(sum) : sum
}

/** Turns a bigint into a number if a number can hold it; returns anything else unchanged. */
export function plainNumber(value: unknown): unknown {
  return typeof value === 'bigint' ? exactSum(value, 0) : value
}

export function negated(value: Numeric): Numeric {
  return value === 0 ? 0 : -value
}
