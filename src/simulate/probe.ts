// Probes: operations that a client of their own carries out one after the other, once the healed system is quiet.
// They ask "does it still work?" after the faults, never between them. Their inputs are decided before the run.
import type { Operation } from '../system/operation.ts'
import type { Invocation } from '../scenario/scenario.ts'
import { startClients, type DescribeResult } from './client.ts'
import type { World } from './world.ts'

/** An operation with its one input. */
export interface Probe {
  readonly operation: Operation<unknown>
  readonly input: unknown
}

/** The probes of one history: started once, when the system is first quiet after healing. */
export class Probes {
  readonly #world: World
  readonly #probes: readonly Probe[]
  readonly #invocations: readonly Invocation[]
  #begun = false

  constructor(world: World, probes: readonly Probe[], workload: readonly Invocation[]) {
    this.#world = world
    this.#probes = probes
    const id = Math.max(-1, ...workload.map((invocation) => invocation.id)) + 1
    const client = Math.max(-1, ...workload.map((invocation) => invocation.client)) + 1
    this.#invocations = probes.map(({ operation, input }, index) => ({
      id: id + index,
      operation: operation.name,
      client,
      afterMs: 0,
      input,
    }))
  }

  /** Starts them. Returns whether there were any to start. */
  begin(read: DescribeResult): boolean {
    if (this.#begun || this.#probes.length === 0) return false
    this.#begun = true
    startClients(
      this.#world,
      this.#invocations,
      this.#probes.map(({ operation }) => operation),
      read,
    )
    return true
  }
}
