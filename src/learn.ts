// What random histories are drawn from, learned from a run on a perfect network and from the user's sources: which
// operations only read, and which lengths of time matter. Ties generating to exploring.
import type { Execute } from './explore/executor.ts'
import { lengthsOf } from './explore/lengths-of.ts'
import type { SwarmOptions } from './explore/swarm.ts'
import { declaredDurations } from './generate/declared-durations.ts'
import type { WorkloadSource } from './generate/workload-source.ts'
import { bug } from './plain/bug.ts'
import type { Lengths } from './scenario/lengths.ts'
import { noFaults } from './scenario/plan.ts'
import type { System } from './system/system.ts'

/**
 * Teaches the source of workloads, and returns the lengths of time. The same for every seed, so that a seed means the
 * same history in any run.
 */
export async function learn(
  { operations, faultsForMs }: System,
  workloads: WorkloadSource,
  run: Execute,
): Promise<Lengths> {
  const [workload] = workloads.small(1)
  if (workload === undefined) return bug('a system without operations')
  const small = await run({ workload, plan: noFaults, seed: 1 }, { collect: true })
  workloads.closed(small)
  const declared = declaredDurations(operations.flatMap(({ declaredIn = [] }) => declaredIn))
  const lengths = await lengthsOf(run, small, { declared, faultsForMs })
  workloads.learnLengths(lengths)
  return lengths
}

/** Random histories from a source of workloads, as far as it has been taught. */
export function drawnBy(workloads: WorkloadSource): Pick<SwarmOptions, 'workload' | 'filling' | 'about'> {
  return {
    workload: (seed, aboutMs) => workloads.random(seed, aboutMs),
    filling: (seed) => workloads.filling(seed),
    about: (seed, turn) => workloads.about(seed, turn),
  }
}
