// A planted bug: a small system with a known bug, and what is known about it. By these the exploration is measured.
// Plain data; knows no system.
import type { Scenario, System } from '../../src/index.ts'

/** A small system with a bug, and its sound twin. */
export interface Planted {
  /** What somebody would call it: 'lost reply, retried charge'. */
  readonly name: string
  /** How many faults the bug needs at least. Arrivals, gaps and late changes of a store are no faults. */
  readonly depth: 0 | 1 | 2 | 3
  /** Rows of PHENOMENA. */
  readonly phenomena: readonly number[]
  /** Makes the system anew, with stores of its own. `sound` is the twin: it differs in the fix only. */
  system(sound: boolean): System
  /** The smallest scenario known that shows the bug. */
  readonly smallest: Scenario
}
