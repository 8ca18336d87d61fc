// The model: what an object does when it is asked one thing after the other. Plain functions over plain states.
// Must not know histories, clients or time.
import type { Act } from './act.ts'

/**
 * A sequential specification (Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects", 1990). States are
 * plain values, compared by content and never changed in place. Equal arguments give equal results.
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
  /** The state after the act; undefined if the act cannot come back with this output here. An output that is undefined is not known: any will do. */
  step(state: State, act: Op): State | undefined
  /** The part of the state that it is about: acts on different parts never affect each other. @default the act's own key */
  key?(act: Op): string | number | undefined
  /** Whether it leaves every state as it is. What is declared is searched faster. @default false */
  readOnly?(act: Op): boolean
  /**
   * Whether a read-only act can come back so in this state, or once more acts have followed. Say false only where none of them can help
   * but one that would by itself, right now: a text that is only appended to never loses its beginning, unless something else is put
   * there. What can no longer come true is not searched. @default true
   */
  leadsTo?(state: State, act: Op): boolean
}
