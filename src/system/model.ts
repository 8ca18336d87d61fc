// The model: what an object does when it is asked one thing after the other. Plain functions over plain states.
// Must not know histories, clients or time.
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
  /** What reasons call it: `the register was 2 then`. */
  readonly name: string
  initial(): State
  /**
   * The state after the act; undefined if the act cannot come back with this output here. An output that is undefined
   * is not known: any will do.
   */
  step(state: State, act: Op): State | undefined
  /**
   * The part of the state that it is about: acts on different parts never affect each other.
   *
   * @default the act's own key
   */
  key?(act: Op): string | number | undefined
  /** Whether it leaves every state as it is. What is declared is searched faster. @default false */
  readOnly?(act: Op): boolean
  /**
   * What has to be done before a read-only act, refused in this state, can come back so: a test of acts for each need.
   * Where a need is met by no act that is left, the search turns round at once. Whoever names a need has to be sure of
   * it. @default nothing is known
   */
  needs?(state: State, act: Op): readonly Need[]
}

/** Whether an act may be what is needed. */
export type Need = (by: Act) => boolean
