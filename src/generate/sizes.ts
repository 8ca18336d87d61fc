// How large a random workload may be. Many bugs need more than the usual few operations: a page that is full, a limit
// that is reached, a fault whose trace one of the later operations meets. Long histories meet more of everything, and
// most faults of a plan strike one of them. A pure function of a seed.
import { chance } from '../plain/random.ts'
import { boundsOf, type System } from '../system/system.ts'
import { fillingSizes } from './filling.ts'

/** The bounds of one random workload. */
export interface Sizes {
  readonly clients: number
  readonly minOperations: number
  readonly maxOperations: number
}

const longShare = 0.4
const long = { minOperations: 9, maxOperations: 30 } as const

/**
 * The system's own bounds, or larger ones for a share of the seeds, where it leaves them open. Consistency is judged in
 * short histories alone: orders of many operations of which nobody knows whether they happened are too many. Where a
 * node has a capacity, other workloads fill it (`filling.ts`), and what waits there makes long histories slow.
 */
export function sizesOf(system: System, seed: number): Sizes {
  const { clients, maxOperations } = boundsOf(system)
  const isLong = allowsLong(system) && chance(seed, 'long') < longShare
  return { clients, ...(isLong ? long : { minOperations: 1, maxOperations }) }
}

/** Whether its histories may be long. */
export function allowsLong(system: System): boolean {
  const { maxOperations, invariants } = system
  const isOpen = maxOperations === undefined && fillingSizes(system).length === 0
  return isOpen && invariants.every(({ model, mostOperations }) => (model ?? mostOperations) === undefined)
}
