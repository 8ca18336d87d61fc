// Virtual time in words, for faults and reports.

/** A point in time, in seconds with three digits: `5.120`. */
export function clockWords(atMs: number): string {
  return (atMs / 1_000).toFixed(3)
}

/** A length of time: `40 ms`, `4.8 s`, `2 min`. */
export function durationWords(ms: number): string {
  const length = Math.abs(ms)
  if (length < 1_000) return `${trimmed(length)} ms`
  if (length < 120_000) return `${trimmed(length / 1_000)} s`
  return length < 7_200_000 ? `${trimmed(length / 60_000)} min` : `${trimmed(length / 3_600_000)} h`
}

function trimmed(value: number): string {
  return String(Number(value.toFixed(3)))
}
