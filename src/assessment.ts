// The assessment: what an exploration found out about a system, and the options that say how much is explored. Plain
// data.
import { assertList, assertNumber, assertOptions, assertType, foundWords, isRecord } from './plain/options.ts'
import type { SavedCounterexample } from './saved/saved-counterexample.ts'
import type { Counterexample } from './verdict/counterexample.ts'
import type { Explored, Folded } from './verdict/explored.ts'
import type { Reason } from './verdict/reason.ts'

/** How much is explored. */
export interface AssessOptions {
  /**
   * Random histories; the fault-free ones, every single fault, and shrinking are extra.
   *
   * @default what `fc.configureGlobal` says, else 100
   */
  readonly numRuns?: number
  /**
   * Runs all sets of up to so many faults of the catalogue on the smallest workload: 1 for every single fault, 2 for
   * every pair as well, 3 for every set of three. See {@link ResilienceOptions.exhaustive}.
   *
   * @default every single fault
   */
  readonly exhaustive?: 1 | 2 | 3
  /**
   * Told how many sets of faults `exhaustive` asks for and about how long they take, before they are run.
   *
   * @default nobody is told
   */
  readonly announce?: (text: string) => void
  /** What every random choice is derived from. @default 1 */
  readonly seed?: number
  /** Saved counterexamples, run first. @default none */
  readonly saved?: readonly SavedCounterexample[]
  /** Real time for exploring and shrinking, in milliseconds. @default unlimited */
  readonly timeLimitMs?: number
  /** Asked now and then: whether nobody waits for the result any more. @default never */
  readonly stopped?: () => boolean
  /** Shrink a failure before it is reported. @default true */
  readonly shrink?: boolean
}

const known: Record<keyof AssessOptions, true> = {
  numRuns: true,
  exhaustive: true,
  announce: true,
  seed: true,
  saved: true,
  timeLimitMs: true,
  stopped: true,
  shrink: true,
}

/** @throws if an option is unknown, or of another kind */
export function assertAssessOptions(
  options: AssessOptions,
  of = 'assess()',
  names: Readonly<Record<string, true>> = known,
): void {
  assertOptions(of, options, names)
  const { numRuns, exhaustive, announce, seed, saved, timeLimitMs, stopped, shrink } = options
  assertNumber('numRuns', numRuns, 'a whole number from 0')
  assertNumber('exhaustive', exhaustive, '1, 2 or 3')
  assertType('announce', announce, 'function', 'a function: (text) => void')
  assertNumber('seed', seed, 'a whole number')
  assertList('saved', saved, 'saved counterexamples')
  const odd = saved?.find((one: unknown) => !isRecord(one) || !isRecord(one['scenario']))
  if (odd !== undefined)
    throw new Error(`saved holds ${foundWords(odd)}; give saved counterexamples, each with its scenario.`)
  if (timeLimitMs !== Infinity) assertNumber('timeLimitMs', timeLimitMs, 'milliseconds from 0')
  assertType('stopped', stopped, 'function', 'a function: () => boolean')
  assertType('shrink', shrink, 'boolean', 'true or false')
}

/** What an exploration found out about a system. */
export type Assessment = Assessed &
  (
    | { readonly kind: 'holds' }
    | {
        readonly kind: 'violated'
        readonly counterexample: Counterexample
        /** What else its history violates. */
        readonly also: readonly Reason[]
        /** The saved counterexample whose replay failed, where it was one. */
        readonly replayed?: SavedCounterexample
      }
    /**
     * Nothing was violated, but this shows nothing: a verdict is vacuous or unknown, or not all single faults were run,
     * or not all sets of faults that `exhaustive` asks for.
     */
    | {
        readonly kind: 'inconclusive'
        /** What the user named in `tolerates` and never fired, in words: `crash`, `pause of worker`. */
        readonly missed: readonly string[]
        /**
         * A text for when time did not suffice for all single faults, or for all sets that `exhaustive` asks for: how
         * many ran, how much time all need, what to change. @default all ran
         */
        readonly unfinished?: string
      }
    /** The test itself is wrong, or the code under test fails without any fault. */
    | { readonly kind: 'broken'; readonly text: string }
  )

/** What every assessment holds. */
export interface Assessed {
  readonly explored: Explored
  readonly folded: readonly Folded[]
  readonly remarks: readonly string[]
}

/** What an assessment is called, where an error needs a name. */
export const assessmentTitles: Readonly<Record<Assessment['kind'], string>> = {
  holds: 'Holds',
  violated: 'Violated',
  inconclusive: 'Inconclusive',
  broken: 'Broken',
}
