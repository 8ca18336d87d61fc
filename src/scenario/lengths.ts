// Lengths of time that decide something: a lease, a window, a time to live, the age of a token. No timer shows them, so
// each history may be about one such length: its gaps, pauses and steps of a clock are a little longer than it, or a
// little shorter. Pure functions of a seed.
import { chance, pick } from '../plain/random.ts'

/** A length of time that somebody wrote or armed, and where: in a source, in an answer, for a timer. */
export interface NamedLength {
  readonly ms: number
  /** `LEASE_MS = 30_000, lease.ts:4`, `Retry-After: 5 in an answer`, `a timer of 5 s`. */
  readonly words: string
}

/** What is known of the lengths of time that matter to a system. */
export interface Lengths {
  /** Found in its sources or seen while it ran, the surest first, in milliseconds. */
  readonly knownMs: readonly number[]
  /** Surely lengths of time too, but longer than what is drawn, in milliseconds. */
  readonly leftMs: readonly number[]
  /** Nothing longer is drawn, in milliseconds. */
  readonly mostMs: number
}

/** Usual lengths, in milliseconds: 1 s to a day, spread evenly on a logarithmic scale. */
const ladderMs = [1_000, 5_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000] as const
/** Longest that is drawn without being known: a day and a bit. */
export const dayAndABitMs = 90_000_000

/**
 * How long nobody answers at most, however long the length is that a history is about: clients give up some day, and
 * are right to.
 */
export const longestOutageMs = 60_000

/**
 * How long a process stands still at most and goes on with what it had: a suspended machine. Keys that are kept for a
 * day need not outlast a process that comes back after a day with a request in its hands.
 */
export const longestStandstillMs = 3_600_000

/**
 * How long a message, or a copy of it, is on its way at most. What comes a day later is sent again by somebody: that is
 * another operation of the workload.
 */
export const longestOnTheWayMs = 60_000

/** The share of histories that are about a length of time, and of those, of what is known. */
const [shareOfHistories, shareOfKnown] = [0.5, 0.8] as const

/**
 * The length that a history is about; undefined for half of them.
 *
 * @param turn the number of the history, where there are many: each length then has its turn
 */
export function aboutOf(seed: number, { knownMs, mostMs }: Lengths, turn?: number): number | undefined {
  if (chance(seed, 'about a length') >= shareOfHistories) return undefined
  const known = knownMs.filter((ms) => ms <= mostMs)
  const rungs = ladderMs.filter((ms) => ms <= mostMs)
  const isKnown = known.length > 0 && chance(seed, 'a known length') < shareOfKnown
  const of = isKnown ? known : rungs
  const length = of[(turn ?? pick(seed, 'length', of.length)) % of.length]
  if (length === undefined) return undefined
  return isKnown ? length : Math.round(length * 2 ** (2 * chance(seed, 'between the rungs') - 1))
}

/** Just past a length, well past it, past two of it, just short of it. */
const gapFactors = [1.02, 1.02, 1.3, 2.1, 0.97] as const
/** Usually longer than the gaps, so that something happens while it lasts. */
const faultFactors = [2.1, 2.1, 3, 1.3, 1.02] as const

/** The time before an operation, where a history is about a length. */
export function gapAround(seed: number, key: string, ms: number): number {
  return times(ms, gapFactors[pick(seed, key, gapFactors.length)])
}

/** How long a fault lasts, or how far a clock is moved, where a history is about a length. */
export function lastingAround(seed: number, key: string, ms: number): number {
  return times(ms, faultFactors[pick(seed, key, faultFactors.length)])
}

function times(ms: number, factor = 1): number {
  return Math.max(1, Math.round(ms * factor))
}
