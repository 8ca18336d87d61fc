// The guard that keeps different values different: two orders that become one order would show another bug. A pure
// function of two workloads.
import type { Workload } from '../scenario/scenario.ts'
import { positionsOf } from './value-positions.ts'

/** Whether values that were different in a workload are still different after it changed. */
export function keepsApart(before: Workload, after: Workload): boolean {
  const known = positionsOf(before)
  const origins = new Map<string, string>()
  for (const [id, { alias }] of positionsOf(after)) {
    const old = known.get(id)?.alias
    if (old === undefined) continue
    if ((origins.get(alias) ?? old) !== old) return false
    origins.set(alias, old)
  }
  return true
}
