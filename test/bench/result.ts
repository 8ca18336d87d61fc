// What a benchmark says: one JSON object a line. Owns its form; knows no benchmark.

/** One measured figure. */
export interface Result {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What the value is measured against, in the same unit unless the name says otherwise. */
  readonly baseline: number
  readonly ratio: number
  /** 10th and 90th percentile of the ratio, where it is taken from many pairs. */
  readonly p10?: number
  readonly p90?: number
}

/** How thoroughly to measure. */
export interface Effort {
  /** A look, under 60 s. */
  readonly quick: boolean
  /** As much as a night allows, where the benchmark knows such an amount. @default false */
  readonly night?: boolean
  /** A line for each bug of a corpus as well, where the benchmark has one. @default false */
  readonly bugs?: boolean
}

/** A benchmark: one figure or several. */
export type Benchmark = (effort: Effort) => AsyncIterable<Result>

const digits = 4

/** The result as its line. Numbers keep four significant digits, whole ones all. */
export function resultLine(result: Result): string {
  return JSON.stringify(result, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(digits)) : value,
  )
}
