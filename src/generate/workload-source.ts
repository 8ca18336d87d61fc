// Where the workloads of one system come from: drawn from the arbitraries of its operations, which also know smaller
// inputs for what they drew last. A class for that memory. Must not know what workloads are for.
import { hash32 } from '../plain/random.ts'
import type { Invocation, Workload } from '../scenario/scenario.ts'
import { boundsOf, type System } from '../system/system.ts'
import { Shrinkers } from './values.ts'
import { pairedWorkload, randomWorkload, smallWorkload } from './workload.ts'

/** Further small workloads after the smallest one. */
const smallWorkloads = 8

export class WorkloadSource {
  readonly #system: System
  /** What the small workloads drew. */
  readonly #shrinkers = new Shrinkers()
  /** What the last random workload drew. Those before it violated nothing, so nobody will shrink them. */
  #latest = new Shrinkers()

  constructor(system: System) {
    this.#system = system
  }

  /** One of each operation: first with the smallest inputs, then with random ones. */
  *small(seed: number): Generator<Workload, void> {
    const { operations } = this.#system
    yield smallWorkload(seed, operations, 'smallest', this.#shrinkers)
    for (let n = 0; n < smallWorkloads; n++)
      yield smallWorkload(hash32(seed, `baseline ${n}`) | 0, operations, 'drawn', this.#shrinkers)
  }

  /**
   * Workloads of two operations that begin at once: every pair of operations, twice. None if the system has one client.
   */
  *pairs(seed: number): Generator<Workload, void> {
    const { operations } = this.#system
    const { clients, maxOperations } = boundsOf(this.#system)
    if (clients < 2 || maxOperations < 2) return
    for (const round of [1, 2])
      for (const first of operations)
        for (const second of operations)
          yield pairedWorkload(
            hash32(seed, `pair ${round} ${first.name} ${second.name}`) | 0,
            [first, second],
            this.#shrinkers,
          )
  }

  /** Any operations by any clients, as the system limits them. */
  random(seed: number): Workload {
    this.#latest = new Shrinkers()
    return randomWorkload(seed, { ...boundsOf(this.#system), operations: this.#system.operations }, this.#latest)
  }

  /** Smaller inputs for an invocation, the most aggressive first. None where the system has no such operation. */
  smallerInputs({ operation, input }: Invocation): Iterable<unknown> {
    const known = this.#system.operations.find(({ name }) => name === operation)
    const shrinkers = this.#latest.knows(operation, input) ? this.#latest : this.#shrinkers
    return known === undefined ? [] : shrinkers.smaller(operation, known.arbitrary, input)
  }
}
