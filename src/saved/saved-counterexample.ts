// What is saved of a counterexample, and what is read of it again. Plain data; must not know files.
import { historyHash } from '../history/history-bytes.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Counterexample } from '../verdict/counterexample.ts'
import type { FailureClass } from '../verdict/reason.ts'

/** The test that a counterexample belongs to. */
export interface SavedTest {
  /** The test file's name, without folders: it stands one folder up. */
  readonly file: string
  /**
   * The names of the describe blocks around it. Files of older versions lack this field; there `name` begins with them.
   */
  readonly suites?: readonly string[]
  readonly name: string
}

/** What went wrong: an invariant, how it failed, and that in one sentence. */
export interface SavedViolation extends FailureClass {
  readonly invariant: string
  readonly text: string
}

/** What is worth saving of a counterexample. */
export interface Finding {
  readonly violated: SavedViolation
  readonly scenario: Scenario
  /** The history's hash when it was saved: another one next time means that the code behaves differently. */
  readonly hash?: string
}

/** A counterexample as it was read from a file. */
export interface SavedCounterexample extends Finding {
  /** The file, absolute. */
  readonly path: string
  readonly test: SavedTest
}

/** What to save of a shrunk failure. */
export function findingOf({ violation, scenario, history }: Counterexample): Finding {
  const { invariant, reason } = violation
  const { kind, of, text } = reason
  const violated = { invariant, kind, ...(of === undefined ? {} : { of }), text }
  return { violated, scenario, hash: historyHash(history) }
}
