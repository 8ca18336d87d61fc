// Remembers what became of candidates, so that none is run twice, and counts those that were run.
// Must not know why they were run: minimising, necessity and neighbours share one.
import { planId } from '../scenario/plan.ts'
import { canonical, encodeValue } from '../plain/value.ts'
import type { Listed, Outcome } from './candidate.ts'

/** Runs a candidate and judges it. */
export type Run = (candidate: Listed) => Promise<Outcome>

/** One text for a scenario: equal for scenarios that do the same. */
export function scenarioId({ seed, workload, plan }: Listed): string {
  return `${seed}\n${canonical(encodeValue(workload))}\n${planId(plan)}`
}

/** A run that remembers. */
export class Memo {
  readonly #run: Run
  readonly #outcomes = new Map<string, Outcome>()
  #executions = 0

  constructor(run: Run) {
    this.#run = run
  }

  /** How many candidates were really run. */
  get executions(): number {
    return this.#executions
  }

  /** Takes over what is known from elsewhere, as from trying all single faults on the smallest workload. */
  remember(scenario: Listed, outcome: Outcome): void {
    this.#outcomes.set(scenarioId(scenario), outcome)
  }

  knows(candidate: Listed): boolean {
    return this.#outcomes.has(scenarioId(candidate))
  }

  /** What the candidate's run says. @throws what the run throws */
  async run(candidate: Listed): Promise<Outcome> {
    const id = scenarioId(candidate)
    const known = this.#outcomes.get(id)
    if (known !== undefined) return known
    this.#executions += 1
    const outcome = await this.#run(candidate)
    this.#outcomes.set(id, outcome)
    return outcome
  }
}
