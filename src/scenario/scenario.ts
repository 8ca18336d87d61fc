// The scenario: what will be done, workload and faults. Scenarios are generated, simulated, shrunk, saved and replayed.
// Their JSON form has versions and stays readable for ever. Knows faults through their registry only.
import type { Plan } from './plan.ts'

/** One operation that a client carries out. */
export interface Invocation {
  /** Identifies it, and stays the same when others are dropped. */
  readonly id: number
  readonly operation: string
  /** Each client is a sequential process; operations of different clients overlap. */
  readonly client: number
  /** How long the client waits after its previous operation (or the start), in milliseconds of virtual time. */
  readonly afterMs: number
  readonly input: unknown
}

/** What the clients do. */
export interface Workload {
  readonly invocations: readonly Invocation[]
}

/** What will happen, before it does: a workload, and the faults that it meets. */
export interface Scenario {
  readonly workload: Workload
  readonly plan: Plan
  /** The seed of the random numbers that the code under test draws. */
  readonly seed: number
}
