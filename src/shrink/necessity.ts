// Necessity: the verdict without each of the remaining faults. "Without it: holds" makes a counterexample convincing.
// Usually this costs nothing, because shrinking has run these scenarios.
import type { Necessity, OrderNecessity } from '../verdict/counterexample.ts'
import { listed, orderOf, without } from '../scenario/plan.ts'
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

/** For each late change of a scenario, the verdict without it. @throws what `run` throws */
export async function orderNecessity(scenario: ListedScenario, run: RunCandidate): Promise<readonly OrderNecessity[]> {
  const order = orderOf(scenario.plan)
  const found: OrderNecessity[] = []
  for (const late of order) {
    const rest = order.filter((other) => other !== late)
    const { verdict } = await run({ ...scenario, plan: listed(scenario.plan.faults, rest) })
    found.push({ late, without: verdict })
  }
  return found
}
