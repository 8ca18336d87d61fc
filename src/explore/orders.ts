// Two processes on one store: each change that another process could have read before comes late once, in pairs of
// operations that begin at once. Needs no fault, so it comes before the faults.
import { lateClass } from '../scenario/late-change.ts'
import { listed, noFaults } from '../scenario/plan.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { Deadline, Execute, Executed } from './executor.ts'

/** What the orders found. */
export interface Orders {
  /** Histories in which a change came late. */
  readonly run: number
  /** The first history that violates an invariant. */
  readonly violating?: Executed
}

/** How many late changes are tried, and how many that differ by their workload or repetition alone. */
const [mostOrders, mostAlike] = [60, 3] as const

/** @param perfect a fault-free run with its catalogue */
export async function orders(
  execute: Execute,
  perfect: Executed,
  workloads: Iterable<Workload>,
  deadline: Deadline,
): Promise<Orders> {
  const alike = new Map<string, number>()
  let run = 0
  const eachLate = async ({ scenario, orders: found }: Executed): Promise<Executed | undefined> => {
    for (const late of found) {
      const times = alike.get(lateClass(late)) ?? 0
      if (run === mostOrders || times === mostAlike || deadline()) continue
      alike.set(lateClass(late), times + 1)
      run += 1
      const executed = await execute({ ...scenario, plan: listed([], [late]) })
      if (executed.violations.length > 0) return executed
    }
    return undefined
  }
  let violating = await eachLate(perfect)
  for (const workload of workloads) {
    if (violating !== undefined || run === mostOrders || deadline()) break
    const met = await execute({ ...perfect.scenario, workload, plan: noFaults }, { collect: true })
    violating = met.violations.length > 0 ? met : await eachLate(met)
  }
  return { run, ...(violating === undefined ? {} : { violating }) }
}
