// Which lengths of time a system is about, and how long a gap it can be given. Learned from histories of the smallest
// workload on a perfect network, with and without a minute in which nobody asks: what shows in them, and how much the
// system does meanwhile, since a poller that works all day makes a day's gap long to run.
import type { Lengths } from '../scenario/lengths.ts'
import { dayAndABitMs } from '../scenario/lengths.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { Execute, Executed } from './executor.ts'

/** How many steps a gap may take, and how many lengths are tried. */
const [mostSteps, mostKnown] = [400, 12] as const
/** The longest that is known is crossed up to this length, in milliseconds. */
const longestKnownMs = 40 * 86_400_000
const idleMs = 60_000

/** What bounds the lengths. */
export interface LengthBounds {
  /** Found in the sources, the surest first. */
  readonly declared: readonly { readonly ms: number; readonly rank: number }[]
  /** How long faults may happen, where the user says so. */
  readonly faultsForMs: number | undefined
}

/** The lengths. @param busy a fault-free run of the smallest workload, with what showed in it */
export async function lengthsOf(
  execute: Execute,
  busy: Executed,
  { declared, faultsForMs = Infinity }: LengthBounds,
): Promise<Lengths> {
  const { scenario } = busy
  const stepsWith = async (gapMs: number): Promise<number> =>
    (await execute({ ...scenario, workload: askedLate(scenario.workload, gapMs) })).steps
  const stepsEachMs = Math.max(0, (await stepsWith(idleMs)) - (await stepsWith(0))) / (2 * idleMs)
  const mostMs = Math.min(faultsForMs / 2, stepsEachMs === 0 ? longestKnownMs : mostSteps / stepsEachMs)
  const seenMs = busy.lengths.map(({ ms }) => ms)
  const known = new Set([...declared.map(({ ms }) => ms), ...seenMs])
  const knownMs = [...known].filter((ms) => ms <= mostMs).slice(0, mostKnown)
  const sure = [...declared.flatMap(({ ms, rank }) => (rank === 0 ? [ms] : [])), ...seenMs]
  const leftMs = [...new Set(sure)].filter((ms) => ms > mostMs)
  return { knownMs, leftMs, mostMs: Math.min(mostMs, Math.max(dayAndABitMs, ...knownMs)) }
}

/**
 * The same workload after a gap, and its first operation again after another one: by then all that polls has begun, in
 * clients too. What polls until it is asked for the first time shows in the gap before; what always polls, in both.
 */
function askedLate({ invocations }: Workload, gapMs: number): Workload {
  const [first] = invocations
  if (first === undefined) return { invocations }
  const late = { ...first, afterMs: first.afterMs + gapMs }
  return { invocations: [late, ...invocations.slice(1), { ...first, id: invocations.length, afterMs: gapMs }] }
}
