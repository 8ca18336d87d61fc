// Every single fault on the smallest workload, kinds that find most bugs first. Either none of them breaks an
// invariant, or one shows the smallest possible counterexample at no cost.
import { listed, type Allowed } from '../scenario/plan.ts'
import { nextFaults } from './fault-sets.ts'
import type { Execute, Executed } from './executor.ts'

/** What the single faults found so far. */
export interface Singles {
  readonly total: number
  readonly run: number
  /** The last one; absent at first. */
  readonly executed?: Executed
}

/**
 * Runs them all, and says after each what was found so far; at first, that nothing was.
 *
 * @param collect whether the sites that the next run meets are wanted
 */
export async function* singles(
  execute: Execute,
  perfect: Executed,
  allowed: Allowed,
  collect: () => boolean,
): AsyncGenerator<Singles, void> {
  const faults = nextFaults(perfect, allowed)
  const total = faults.length
  yield { total, run: 0 }
  for (const [index, fault] of faults.entries()) {
    const executed = await execute({ ...perfect.scenario, plan: listed([fault]) }, { collect: collect() })
    yield { total, run: index + 1, executed }
    if (executed.violations.length > 0) return
  }
}
