// The fault-free runs: the system must work, twice alike, on a perfect network before the network is blamed. They yield
// the catalogue.
import { divergence, type Divergence } from '../history/divergence.ts'
import { completionsOf, pendingIn } from '../history/history.ts'
import { noFaults } from '../scenario/plan.ts'
import type { Scenario, Workload } from '../scenario/scenario.ts'
import type { Execute, Executed } from './executor.ts'
import { unlike, type Unlike } from './leak.ts'

/** What the fault-free runs found. */
export type Baseline =
  | { readonly kind: 'works'; readonly run: Executed; readonly executions: number; readonly values?: Divergence }
  /** Its answers are not ok although nothing went wrong. */
  | { readonly kind: 'broken'; readonly run: Executed; readonly executions: number }
  /** Two equal runs differ. */
  | (Unlike & { readonly run: Executed; readonly executions: number })

/** Runs each candidate workload until one is answered ok throughout, then that one again. The first must exist. */
export async function baseline(execute: Execute, workloads: Iterable<Workload>, seed: number): Promise<Baseline> {
  let best: Executed | undefined
  let executions = 0
  for (const workload of workloads) {
    const scenario: Scenario = { workload, plan: noFaults, seed }
    const run = await execute(scenario, { collect: true })
    executions += 1
    if (best === undefined || okCount(run) > okCount(best)) best = run
    if (
      (okCount(run) === invokedCount(run) && okCount(run) >= workload.invocations.length) ||
      run.violations.length > 0
    )
      break
  }
  if (best === undefined) throw new Error('Bug: a baseline without workloads')
  const again = await execute(best.scenario, { collect: true, patient: best.patient })
  executions += 1
  const differs = await unlike(execute, best, again)
  if (differs !== undefined) return { ...differs, run: best, executions: executions + 1 }
  const where = divergence(best.history, again.history)
  if (okCount(best) === 0 || completionsOf(best.history).some(({ kind }) => kind === 'info') || endlessProbe(best))
    return { kind: 'broken', run: best, executions }
  return { kind: 'works', run: best, executions, ...(where === undefined ? {} : { values: where }) }
}

/** Whether what was begun beside the workload has not ended: a probe asks once and ends, where nothing is disturbed. */
function endlessProbe({ scenario: { workload }, history }: Executed): boolean {
  return pendingIn(history).some(({ invocation }) => workload.invocations.every(({ id }) => id !== invocation))
}

/** Probes included. */
function invokedCount({ history }: Executed): number {
  return history.events.filter(({ kind }) => kind === 'invoke').length
}

function okCount(run: Executed): number {
  return completionsOf(run.history).filter(({ kind }) => kind === 'ok').length
}
