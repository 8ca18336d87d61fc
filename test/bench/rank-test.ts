// Whether numbers of one sample tend to be larger than those of another: the rank test of Mann and Whitney (1947), with
// the normal approximation and its corrections for ties and continuity. Pure.

/** The probability of such a difference or a larger one, if `larger` were in truth not larger than `than`. */
export function chanceOfLarger(larger: readonly number[], than: readonly number[]): number {
  const [n, m] = [larger.length, than.length]
  if (n === 0 || m === 0) return 1
  const wins = larger.reduce((sum, a) => sum + than.reduce((won, b) => won + (a > b ? 1 : a === b ? 0.5 : 0), 0), 0)
  const all = n + m
  const ties = [...Map.groupBy([...larger, ...than], (value) => value).values()]
    .map(({ length }) => length ** 3 - length)
    .reduce((sum, tied) => sum + tied, 0)
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)))
  return variance === 0 ? 1 : 1 - normal((wins - (n * m) / 2 - 0.5) / Math.sqrt(variance))
}

/** The share of a normal distribution below z (Abramowitz and Stegun 26.2.17; wrong by at most 7.5e-8). */
function normal(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z))
  const series = [0.319_381_53, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429]
  const polynomial = series.reduceRight((sum, factor) => (sum + factor) * t, 0)
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial
  return z >= 0 ? 1 - tail : tail
}
