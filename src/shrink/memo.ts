// Remembers the outcomes of candidates, so that none is run twice, and counts those that were run. Must not know why
// they were run: minimising, necessity and neighbours share one memo.
import { planId } from '../scenario/plan.ts'
import { canonical, encodeValue } from '../plain/value.ts'
import type { ListedScenario, CandidateOutcome } from './candidate.ts'

/** Runs a candidate and judges it. */
export type RunCandidate = (candidate: ListedScenario) => Promise<CandidateOutcome>

/** A text that identifies a scenario, equal for scenarios that do the same. */
export function scenarioId({ seed, workload, plan }: ListedScenario): string {
  return `${seed}\n${canonical(encodeValue(workload))}\n${planId(plan)}`
}

/** Runs candidates, and remembers their outcomes. */
export class Memo {
  readonly #execute: RunCandidate
  readonly #outcomes = new Map<string, CandidateOutcome>()
  #executions = 0

  constructor(run: RunCandidate) {
    this.#execute = run
  }

  /** How many candidates were really run. */
  get executions(): number {
    return this.#executions
  }

  /** Adds an outcome that is known already. */
  remember(scenario: ListedScenario, outcome: CandidateOutcome): void {
    this.#outcomes.set(scenarioId(scenario), outcome)
  }

  knows(candidate: ListedScenario): boolean {
    return this.#outcomes.has(scenarioId(candidate))
  }

  /** The outcome of a candidate, which is run only if its outcome is not known. @throws whatever the run throws */
  readonly run: RunCandidate = async (candidate) => {
    const id = scenarioId(candidate)
    const known = this.#outcomes.get(id)
    if (known !== undefined) return known
    this.#executions += 1
    const outcome = await this.#execute(candidate)
    this.#outcomes.set(id, outcome)
    return outcome
  }
}
