// Failures of one system as a swarm finds them: random workloads under drawn plans. Large ones are preferred, since
// there is something to shrink. Knows how to find and to judge, and not how to shrink.
import { judgeRun } from '../../src/explain-failure.ts'
import type { Execute, Executed, ViolatedInvariant } from '../../src/explore/executor.ts'
import { Patience } from '../../src/explore/patience.ts'
import { drawnPlan } from '../../src/explore/drawn-plan.ts'
import { sameViolation } from '../../src/explore/violation.ts'
import { WorkloadSource } from '../../src/generate/workload-source.ts'
import { hash32 } from '../../src/plain/random.ts'
import { listed } from '../../src/scenario/plan.ts'
import type { Scenario, Workload } from '../../src/scenario/scenario.ts'
import type { ListedScenario } from '../../src/shrink/candidate.ts'
import type { Simulation } from '../../src/simulation.ts'

/** A failure, as it was found. */
export interface SwarmFailure {
  readonly seed: number
  /** With the faults that fired. */
  readonly start: ListedScenario
  readonly violation: ViolatedInvariant
  readonly patient: boolean
}

/** What is looked for. */
export interface Wanted {
  readonly failures: number
  /** The most histories that are tried. */
  readonly tries: number
  /** How many faults should have fired. Where too few failures have so many, others are taken. */
  readonly fired: number
  /** The failure must violate one of these in the same way. */
  readonly violations: readonly ViolatedInvariant[]
}

/** Executes a scenario and judges it, always with patience or never, as the caller says. */
export function executing(simulation: Simulation): Execute {
  return async (scenario, options = {}) => ({
    ...(await judgeRun(scenario, await simulation.run(scenario, options), simulation)),
    patient: options.patient ?? false,
  })
}

/** Finds failures of a system, those of the smallest seeds first. */
export class SwarmFailures {
  readonly #simulation: Simulation
  readonly #execute: Execute
  readonly #workloads: WorkloadSource

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    this.#execute = executing(simulation)
    this.#workloads = new WorkloadSource(simulation.system)
  }

  async find({ failures, tries, fired, violations }: Wanted): Promise<readonly SwarmFailure[]> {
    const patience = new Patience(this.#execute)
    const large: SwarmFailure[] = []
    const small: SwarmFailure[] = []
    for (let seed = 1; seed <= tries && large.length < failures; seed++) {
      const found = failureIn(await patience.run(this.#scenario(seed)), seed, violations)
      if (found !== undefined) (found.start.plan.faults.length >= fired ? large : small).push(found)
    }
    return [...large, ...small].slice(0, failures)
  }

  /** Where the inputs of a failure were drawn from: it knows smaller ones. */
  workloadsOf({ seed }: SwarmFailure): WorkloadSource {
    this.#workload(seed) // drawn again, because it remembers its last workload only
    return this.#workloads
  }

  #scenario(seed: number): Scenario {
    const { claim } = this.#simulation
    return { workload: this.#workload(seed), plan: drawnPlan(hash32(seed, 'bench plan') | 0, claim.kinds), seed: 1 }
  }

  #workload(seed: number): Workload {
    return this.#workloads.random(hash32(seed, 'bench workload') | 0)
  }
}

function failureIn(
  { scenario, fired, late, violations, patient }: Executed,
  seed: number,
  wanted: readonly ViolatedInvariant[],
): SwarmFailure | undefined {
  const violation = violations.find((one) => wanted.some((other) => sameViolation(one, other)))
  return violation && { seed, start: { ...scenario, plan: listed(fired, late) }, violation, patient }
}
