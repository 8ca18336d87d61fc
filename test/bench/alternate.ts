// Two ways of doing one thing, measured side by side: slices of both in turn, so that a slow moment of the machine
// strikes both, and the ratio within each pair. Knows nothing of what is measured.

/** Work to repeat, once a call. */
export type Work = () => Promise<void>

/** Rates a second, and the ratio of ours to the baseline. */
export interface Compared {
  readonly ours: number
  readonly baseline: number
  readonly ratio: number
  /** 10th and 90th percentile of the ratios of the pairs. */
  readonly p10: number
  readonly p90: number
}

const sliceMs = 200
/** Slices of each side that nobody counts: the engine compiles. */
const warmUps = 8

/** Compares the rates of two works over pairs of slices; who goes first takes turns. */
export async function alternate(ours: Work, baseline: Work, pairs: number): Promise<Compared> {
  for (let n = 0; n < warmUps; n++) {
    await rate(ours)
    await rate(baseline)
  }
  const measured: { readonly ours: number; readonly baseline: number }[] = []
  for (let n = 0; n < pairs; n++)
    measured.push(n % 2 === 0 ? await pair(ours, baseline) : turned(await pair(baseline, ours)))
  const ratios = measured.map((one) => one.ours / one.baseline)
  return {
    ours: quantile(
      measured.map((one) => one.ours),
      0.5,
    ),
    baseline: quantile(
      measured.map((one) => one.baseline),
      0.5,
    ),
    ratio: quantile(ratios, 0.5),
    p10: quantile(ratios, 0.1),
    p90: quantile(ratios, 0.9),
  }
}

async function pair(first: Work, second: Work): Promise<{ readonly ours: number; readonly baseline: number }> {
  return { ours: await rate(first), baseline: await rate(second) }
}

function turned({ ours, baseline }: { readonly ours: number; readonly baseline: number }): {
  readonly ours: number
  readonly baseline: number
} {
  return { ours: baseline, baseline: ours }
}

/**
 * How often a second, over one slice. No collection is forced in between: it throws compiled code away, and both sides
 * run at a third.
 */
async function rate(work: Work): Promise<number> {
  const start = performance.now()
  let times = 0
  let elapsedMs = 0
  while (elapsedMs < sliceMs) {
    await work()
    times += 1
    elapsedMs = performance.now() - start
  }
  return (times / elapsedMs) * 1_000
}

/** A quantile by linear interpolation (Hyndman and Fan, type 7). @throws where there is no value */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)]
  const above = sorted[Math.ceil(at)]
  if (below === undefined || above === undefined) throw new Error('There is no quantile of nothing.')
  return below + (above - below) * (at - Math.floor(at))
}
