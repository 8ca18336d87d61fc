// Necessity: the verdict without each of the remaining faults. "Without it: holds" makes a counterexample convincing.
// Usually this costs nothing, because shrinking has run these scenarios.
import type { Necessity } from '../verdict/counterexample.ts'
import { without } from '../scenario/plan.ts'
import type { ListedScenario } from './candidate.ts'
import type { RunCandidate } from './memo.ts'

/** For each fault of a scenario, the verdict without it. @throws what `run` throws */
export async function necessity(scenario: ListedScenario, run: RunCandidate): Promise<readonly Necessity[]> {
  const found: Necessity[] = []
  for (const fault of scenario.plan.faults) {
    const { verdict } = await run({ ...scenario, plan: without(scenario.plan, fault) })
    found.push({ fault, without: verdict })
  }
  return found
}
