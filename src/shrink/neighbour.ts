// The nearest passing neighbour: a small change of one remaining fault that the system survives. It shows where the
// limit is: not "replies get lost" but "a reply that comes within 5 s is fine". Must not know how a candidate is run.
import type { Neighbour } from '../verdict/counterexample.ts'
import { milderFaults } from '../scenario/fault/registry.ts'
import { listed } from '../scenario/plan.ts'
import type { CandidateOutcome, ListedScenario } from './candidate.ts'
import type { RunCandidate } from './memo.ts'

/** How many neighbours are run at most. */
const maxTries = 6

/**
 * The first small change with which the invariant holds. Undefined where none of those tried is one, or where no fault
 * is left.
 *
 * @param outcome what came of running `scenario`: where its faults struck
 * @returns the change in words, to be followed by "holds"
 * @throws what `run` throws
 */
export async function neighbour(
  scenario: ListedScenario,
  outcome: CandidateOutcome,
  run: RunCandidate,
): Promise<Neighbour | undefined> {
  const { faults, order } = scenario.plan
  const changes = faults.map((fault) => milderFaults(fault, outcome.sites).map((milder) => ({ fault, ...milder })))
  const nearest = changes.flatMap((list) => list.slice(0, 1))
  const further = changes.flatMap((list) => list.slice(1))
  for (const { fault, instead, words } of [...nearest, ...further].slice(0, maxTries)) {
    const plan = listed(
      faults.map((other) => (other === fault ? instead : other)),
      order,
    )
    if ((await run({ ...scenario, plan })).verdict === 'holds') return { change: `${words} instead` }
  }
  return undefined
}
