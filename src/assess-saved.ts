// Runs a saved scenario once for a debugger, unchanged: its faults are not moved, and a failure is neither confirmed
// nor shrunk. Ties checking to the simulation.
import type { Assessment } from './assessment.ts'
import { fold } from './check/fold.ts'
import { judgeRun } from './explain-failure.ts'
import { Tally } from './explore/tally.ts'
import { violationToShrink } from './explore/violation.ts'
import type { SavedCounterexample } from './saved/saved-counterexample.ts'
import type { Simulation } from './simulation.ts'

/** Runs the scenario and reports what it violates today. */
export async function assessSaved(simulation: Simulation, saved: SavedCounterexample): Promise<Assessment> {
  const { system, claim } = simulation
  const { scenario } = saved
  const run = await simulation.run(scenario, { annotate: true, patient: true })
  const executed = await judgeRun(scenario, run, simulation)
  const tally = new Tally(fold(system.invariants), claim, scenario.seed)
  tally.add(executed)
  tally.count({ saved: 1 })
  const { explored, folded, remarks } = tally
  const assessed = { explored, folded, remarks }
  if (executed.violations.length === 0) return { ...assessed, kind: 'holds' }
  const { invariant, reason } = violationToShrink(executed, saved.violated)
  const { history } = run
  const violation = { invariant: invariant.name, reason }
  return {
    ...assessed,
    kind: 'violated',
    counterexample: { scenario, history, violation, necessity: [], executions: 1 },
    also: executed.violations.filter((other) => other.invariant !== invariant).map((other) => other.reason),
    replayed: saved,
  }
}
