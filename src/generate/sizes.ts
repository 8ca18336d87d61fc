// How large one random workload may be. Some bugs need more than the usual few operations or clients: a page that is
// full, a limit that is reached, one client more than places. A pure function of a seed.
import { chance } from '../plain/random.ts'
import { boundsOf, type System } from '../system/system.ts'

/** The bounds of one random workload. */
export interface Sizes {
  readonly clients: number
  readonly minOperations: number
  readonly maxOperations: number
}

/** The shares of long workloads and of those of many clients. */
const [longShare, crowdShare] = [0.1, 0.1] as const
const long = { minOperations: 12, maxOperations: 24 } as const
const crowd = 6

/** Usually the system's own bounds; now and then larger ones, where the system leaves them open. */
export function sizesOf(system: System, seed: number): Sizes {
  const { clients, maxOperations } = boundsOf(system)
  const isLong = system.maxOperations === undefined && chance(seed, 'long') < longShare
  const isCrowd = system.clients === undefined && chance(seed, 'crowd') < crowdShare
  return { clients: isCrowd ? crowd : clients, ...(isLong ? long : { minOperations: 1, maxOperations }) }
}
