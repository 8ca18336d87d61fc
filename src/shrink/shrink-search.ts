// The state of one minimisation: the smallest scenario that fails so far, and what came of running it. All passes try
// their candidates here, so that only strictly smaller ones are run and accepted. Must not know which passes there are.
import { faultId, listed, orderOf, planId } from '../scenario/plan.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import type { LateChange } from '../scenario/late-change.ts'
import type { Invocation, Workload } from '../scenario/scenario.ts'
import type { ListedScenario, CandidateOutcome, Shrinking } from './candidate.ts'
import { compensate } from './compensate.ts'
import { rebase } from './rebase.ts'
import { compareSize } from './compare-size.ts'

/** How often the faults of one candidate are moved after their messages. */
const maxCompensations = 3

export class ShrinkSearch {
  #best: ListedScenario
  #outcome: CandidateOutcome
  /** What the clients did before anything was dropped. */
  readonly given: readonly Invocation[]
  /** How often a wait was shortened in vain, by its place and the number of operations. */
  readonly waitsInVain: Map<string, number> = new Map()

  constructor(start: ListedScenario, outcome: CandidateOutcome) {
    this.given = start.workload.invocations
    this.#best = start
    this.#outcome = outcome
  }

  /** The smallest scenario that fails. */
  get best(): ListedScenario {
    return this.#best
  }

  /** What came of running it. */
  get outcome(): CandidateOutcome {
    return this.#outcome
  }

  get faults(): readonly Fault[] {
    return this.#best.plan.faults
  }

  get order(): readonly LateChange[] {
    return orderOf(this.#best.plan)
  }

  get invocations(): readonly Invocation[] {
    return this.#best.workload.invocations
  }

  withFaults(faults: readonly Fault[]): ListedScenario {
    return { ...this.#best, plan: listed(faults, this.order) }
  }

  withOrder(order: readonly LateChange[]): ListedScenario {
    return { ...this.#best, plan: listed(this.faults, order) }
  }

  withInvocations(invocations: readonly Invocation[]): ListedScenario {
    const workload: Workload = { invocations }
    const moved = <T extends Fault | LateChange>(placed: readonly T[]): T[] =>
      rebase(placed, this.#best.workload, workload)
    return { ...this.#best, workload, plan: listed(moved(this.faults), moved(this.order)) }
  }

  /** Whether a candidate is smaller and fails; then it becomes the best. */
  *attempt(candidate: ListedScenario): Shrinking<boolean> {
    return compareSize(candidate, this.#best) < 0 && (yield* this.probe(candidate)).fails
  }

  /** The same, with a few more tries where faults did not fire because their messages have moved. */
  *attemptAnchored(candidate: ListedScenario): Shrinking<boolean> {
    let next = candidate
    for (let moves = 0; compareSize(next, this.#best) < 0; moves++) {
      const outcome = yield* this.probe(next)
      if (outcome.fails) return true
      const moved = moves === maxCompensations ? undefined : compensate(next.plan.faults, outcome)
      if (moved === undefined) return false
      next = { ...next, plan: listed(moved, next.plan.order) }
    }
    return false
  }

  /** The outcome of a smaller candidate, which becomes the best where it fails. */
  *probe(candidate: ListedScenario): Shrinking<CandidateOutcome> {
    const outcome = yield candidate
    if (outcome.fails) {
      this.#best = candidate
      this.#outcome = outcome
    }
    return outcome
  }

  /** Puts the faults in the order in which they fired, and drops those that did not fire. */
  *settle(): Shrinking<void> {
    const planned = new Set(this.faults.map(faultId))
    const ordered = this.withFaults(this.#outcome.fired.filter((fault) => planned.has(faultId(fault))))
    if (planId(ordered.plan) === planId(this.#best.plan)) this.#best = ordered
    else yield* this.attempt(ordered)
  }
}
