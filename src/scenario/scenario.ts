// The scenario: what will be done, workload and faults. The hub between generating and simulating; what is shrunk,
// saved and replayed. Versioned JSON that must stay readable for ever. Knows faults through their registry only.
import type { Plan } from './plan.ts'

/** One operation that a client carries out. */
export interface Invocation {
  /** Its name for ever, also while others are dropped. */
  readonly id: number
  readonly operation: string
  /** Each client is a sequential process; clients overlap. */
  readonly client: number
  /** How long the client waits after its previous operation (or the start), in milliseconds of virtual time. */
  readonly afterMs: number
  readonly input: unknown
}

/** What the clients do. */
export interface Workload {
  readonly invocations: readonly Invocation[]
}

/** An adversarial network history before it happens: workload and plan. */
export interface Scenario {
  readonly workload: Workload
  readonly plan: Plan
  /** What the random numbers that code under test draws are derived from. */
  readonly seed: number
}
