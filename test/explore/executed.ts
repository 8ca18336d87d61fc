// Executed scenarios written by hand: what the strategies of exploration are given in tests.
import type { Execute, Executed } from '../../src/explore/executor.ts'
import { noFaults } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { holds, unknown, type Invariant, type Verdict } from '../../src/verdict/verdict.ts'
import { historyOf, type Line } from '../check/build-history.ts'

/** The invariant that all of them are judged by. */
export const once: Invariant = { kind: 'invariant', name: 'once', effects: [], check: () => holds }

const reason = { kind: 'custom', of: 'once', text: 'Charged twice.', events: [] } as const
const verdicts: Readonly<Record<'holds' | 'violated' | 'unknown', Verdict>> = {
  holds,
  violated: { kind: 'violated', reasons: [reason] },
  unknown: unknown('it never came to rest.'),
}

/** One payment on a perfect network. */
export const payment: Scenario = {
  workload: { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: null }] },
  plan: noFaults,
  seed: 1,
}

interface Given extends Partial<Pick<Executed, 'scenario' | 'sites' | 'fired'>> {
  readonly verdict?: keyof typeof verdicts
  readonly events?: readonly Line[]
}

/** Every fault of a listed plan has fired, unless others are given. */
export function executed({ scenario = payment, sites = [], fired, verdict = 'holds', events = [] }: Given): Executed {
  const planned = scenario.plan.kind === 'listed' ? scenario.plan.faults : []
  return {
    scenario,
    history: historyOf(...events),
    sites,
    fired: fired ?? planned,
    verdicts: [verdicts[verdict]],
    violations: verdict === 'violated' ? [{ invariant: once, reason }] : [],
    late: [],
    orders: [],
    circled: false,
    lengths: [],
    steps: 0,
    patient: false,
  }
}

/** Executes whatever scenario it is given by the next function of a list, and remembers the scenarios. */
export function executorOf(...runs: readonly ((scenario: Scenario) => Executed)[]): {
  readonly execute: Execute
  readonly scenarios: readonly Scenario[]
} {
  const scenarios: Scenario[] = []
  const execute: Execute = (scenario) => {
    const run = runs[scenarios.length]
    if (run === undefined) return Promise.reject(new Error(`Only ${runs.length} runs were expected.`))
    scenarios.push(scenario)
    return Promise.resolve(run(scenario))
  }
  return { execute, scenarios }
}
