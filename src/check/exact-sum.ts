// Sums of whole numbers, exact however large. Knows nothing else.

/** A number, or where that could not hold it a whole one as bigint. */
export type Numeric = number | bigint

export function isNumeric(value: unknown): value is Numeric {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
}

/** The sum; a bigint only where a number could not hold it. Fractions are added as numbers. */
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

/** A bigint that a number can hold as a number; anything else as it is. */
export function plainNumber(value: unknown): unknown {
  return typeof value === 'bigint' ? exactSum(value, 0) : value
}

export function negated(value: Numeric): Numeric {
  return value === 0 ? 0 : -value
}
