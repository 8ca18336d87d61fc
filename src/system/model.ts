// Models: what an object does when operations come one after the other. Plain functions over plain states. Must not
// know histories, clients or time.
import type { Act } from '../history/act.ts'

/**
 * A sequential specification (Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects",
 * 1990). States are plain values, compared by content and never changed in place. Equal arguments give equal results.
 *
 * @example
 * const register: Model<number> = {
 *   name: 'register',
 *   initial: () => 0,
 *   step: (state, { f, input, output }) => {
 *     if (f === 'write') return Number(input)
 *     return output === undefined || output === state ? state : undefined
 *   },
 *   readOnly: ({ f }) => f === 'read',
 * }
 */
export interface Model<State, Op extends Act = Act> {
  /** Its name in reasons: `the register was 2 then`. */
  readonly name: string
  initial(): State
  /**
   * The state after the act. Undefined where the act cannot have this output in this state. An undefined output is
   * unknown: it may be anything.
   */
  step(state: State, act: Op): State | undefined
  /**
   * The part of the state that the act is about. Acts on different parts never affect each other.
   *
   * @default the act's own key
   */
  key?(act: Op): string | number | undefined
  /** Whether the act leaves every state unchanged. Declaring that makes the search faster. @default false */
  readOnly?(act: Op): boolean
  /**
   * What has to happen before a read-only act that is impossible in this state becomes possible: for each need a
   * predicate on acts. Where no remaining act meets a need, the search backtracks at once. A wrong need gives wrong
   * verdicts.
   *
   * @default nothing is known
   */
  needs?(state: State, act: Op): readonly Need[]
}

/** Whether an act can meet the need. */
export type Need = (by: Act) => boolean
