// Lengths of time that decide something: a lease, a window, a time to live, the age of a token. No timer shows them, so
// each history may be about one such length: its gaps, pauses and steps of a clock are a little longer than it, or a
// little shorter. Pure functions of a seed.
import { chance, pick } from '../plain/random.ts'

/** What is known of the lengths of time that matter to a system. */
export interface Lengths {
  /** Found in its sources or seen while it ran, the surest first, in milliseconds. */
  readonly knownMs: readonly number[]
  /** Nothing longer is drawn, in milliseconds. */
  readonly mostMs: number
}

/** Usual lengths, in milliseconds: 1 s to a day, spread evenly on a logarithmic scale. */
const ladderMs = [1_000, 5_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000] as const
/** Longest that is drawn without being known: a day and a bit. */
export const dayAndABitMs = 90_000_000

/** The share of histories that are about a length of time, and of those, of what is known. */
const [shareOfHistories, shareOfKnown] = [0.4, 0.7] as const

/** The length that a history is about; undefined for most histories. */
export function aboutOf(seed: number, { knownMs, mostMs }: Lengths): number | undefined {
  if (chance(seed, 'about a length') >= shareOfHistories) return undefined
  const known = knownMs.filter((ms) => ms <= mostMs)
  const rungs = ladderMs.filter((ms) => ms <= mostMs)
  const isKnown = known.length > 0 && chance(seed, 'a known length') < shareOfKnown
  const of = isKnown ? known : rungs
  const length = of[pick(seed, 'length', of.length)]
  if (length === undefined) return undefined
  return isKnown ? length : Math.round(length * 2 ** (2 * chance(seed, 'between the rungs') - 1))
}

/** Just past a length, well past it, past two of it, just short of it. */
const factors = [1.02, 1.3, 2.1, 3, 0.97] as const

/** A length around another one, usually longer. */
export function aroundMs(seed: number, key: string, ms: number): number {
  return Math.max(1, Math.round(ms * (factors[pick(seed, key, factors.length)] ?? 1)))
}
