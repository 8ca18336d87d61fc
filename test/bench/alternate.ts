// Two ways of doing one thing, measured side by side: slices of both in turn, so that a slow moment of the machine
// strikes both, and the ratio within each pair. Does not know what is measured.

/** Work to repeat, once a call. */
export type Work = () => Promise<void>

/** One side of a benchmark, ready to be repeated until it is closed. */
export interface Measured {
  readonly work: Work
  readonly close: () => Promise<void>
}

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

/** How long to compare. */
export interface Turns {
  readonly pairs: number
  /** Slices of each side that are not counted, while the engine compiles. @default 8 */
  readonly warmUps?: number
}

/** Compares the rates of two works over pairs of slices; who goes first takes turns. */
export function alternate(ours: Work, baseline: Work, pairs: number): Promise<Compared> {
  return alternateSlices(
    () => slice(ours),
    () => slice(baseline),
    { pairs },
  )
}

/** Runs one slice somewhere, and gives the rate. */
export type Slice = () => Promise<number>

/** The same for slices that are run elsewhere, as in processes of their own. */
export async function alternateSlices(ours: Slice, baseline: Slice, { pairs, warmUps = 8 }: Turns): Promise<Compared> {
  for (let n = 0; n < warmUps; n++) {
    await ours()
    await baseline()
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

async function pair(first: Slice, second: Slice): Promise<{ readonly ours: number; readonly baseline: number }> {
  return { ours: await first(), baseline: await second() }
}

function turned({ ours, baseline }: { readonly ours: number; readonly baseline: number }): {
  readonly ours: number
  readonly baseline: number
} {
  return { ours: baseline, baseline: ours }
}

/**
 * How often a second, over one slice of real time. No collection is forced in between: it throws compiled code away,
 * and both sides run at a third.
 *
 * @param clock what a second is counted by, in milliseconds
 */
export async function slice(work: Work, clock: () => number = () => performance.now()): Promise<number> {
  const endMs = performance.now() + sliceMs
  const start = clock()
  let times = 0
  while (performance.now() < endMs) {
    await work()
    times += 1
  }
  return (times / (clock() - start)) * 1_000
}

/** What this process has used of a CPU so far: a clock to which other work on the machine counts nothing. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
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
