// The assessment: what a system is worth, and how much is explored to find out. Plain data.
import type { Counterexample } from './verdict/counterexample.ts'
import type { Explored, Folded } from './verdict/explored.ts'
import type { FaultKind } from './scenario/fault/registry.ts'
import type { SavedCounterexample } from './saved/saved-counterexample.ts'
import type { Reason } from './verdict/reason.ts'

/** How much is explored. */
export interface AssessOptions {
  /** Swarm histories; baseline, single faults and shrinking are extra. @default 100 */
  readonly numRuns?: number
  /** What every random choice is derived from. @default 1 */
  readonly seed?: number
  /** Saved counterexamples, run first. @default none */
  readonly saved?: readonly SavedCounterexample[]
  /** Real time left for exploring and shrinking, in milliseconds. @default unlimited */
  readonly timeLimitMs?: number
  /** Asked now and then: nobody waits for the result any more. @default never */
  readonly stopped?: () => boolean
  /** Make a failure smaller before it is told. @default true */
  readonly shrink?: boolean
}

/** What a system is worth. */
export type Assessment = Assessed &
  (
    | { readonly kind: 'holds' }
    | {
        readonly kind: 'violated'
        readonly counterexample: Counterexample
        readonly also: readonly Reason[]
        readonly replayed?: SavedCounterexample
      }
    /** It shows nothing: vacuous, unknown, a named fault never fired, or time ran out. */
    | { readonly kind: 'inconclusive'; readonly missed: readonly FaultKind[] }
    /** The test itself is wrong, or the code under test fails without any fault. */
    | { readonly kind: 'broken'; readonly text: string }
  )

/** What every assessment says. */
export interface Assessed {
  readonly explored: Explored
  readonly folded: readonly Folded[]
  readonly remarks: readonly string[]
}
