// The fault-free runs: before any fault is tried, the system must work on a perfect network, twice in the same way. The
// sites that they meet are the catalogue of single faults.
import { bug } from '../plain/bug.ts'
import { divergence, type Divergence } from '../history/divergence.ts'
import { completionsOf, pendingIn } from '../history/history.ts'
import { noFaults } from '../scenario/plan.ts'
import type { Scenario, Workload } from '../scenario/scenario.ts'
import type { Execute, Executed } from './executor.ts'
import { unreliable, type Unreliable } from './unreliable.ts'

/** What the fault-free runs found. */
export type Baseline =
  | { readonly kind: 'works'; readonly run: Executed; readonly executions: number; readonly values?: Divergence }
  /** Operations are not answered ok although nothing went wrong. */
  | { readonly kind: 'broken'; readonly run: Executed; readonly executions: number }
  /** Two equal runs differ. */
  | (Unreliable & { readonly run: Executed; readonly executions: number })

/**
 * Runs one workload after the other until all operations of one are answered ok, or an invariant is violated; then the
 * best of them again. There must be at least one. What works is run with what `further` adds, if anything: that run is
 * the catalogue if that works as well.
 */
export async function baseline(
  execute: Execute,
  workloads: Iterable<Workload>,
  seed: number,
  further: (works: Executed) => Workload = ({ scenario: { workload } }) => workload,
): Promise<Baseline> {
  let best: Executed | undefined
  let executions = 0
  for (const workload of workloads) {
    const scenario: Scenario = { workload, plan: noFaults, seed }
    const run = await execute(scenario, { collect: true })
    executions += 1
    if (best === undefined || okCount(run) > okCount(best)) best = run
    if (run.violations.length > 0 || allOk(run)) break
  }
  if (best === undefined) bug('a baseline without workloads')
  const again = await execute(best.scenario, { collect: true, compare: true, patient: best.patient })
  executions += 1
  const differs = await unreliable(execute, best, again)
  if (differs !== undefined) return { ...differs, run: best, executions: executions + 1 }
  if (isBroken(best)) return { kind: 'broken', run: best, executions }
  const where = divergence(best.history, again.history)
  const values = where === undefined ? {} : { values: where }
  if (best.violations.length > 0) return { kind: 'works', run: best, executions, ...values }
  const workload = further(best)
  if (workload === best.scenario.workload) return { kind: 'works', run: best, executions, ...values }
  const longer = await execute({ ...best.scenario, workload }, { collect: true })
  // A read after a deletion may be refused
  const added = workload.invocations.length - best.scenario.workload.invocations.length
  const works = longer.violations.length > 0 || okCount(longer) === okCount(best) + added
  return { kind: 'works', run: works ? longer : best, executions: executions + 1, ...values }
}

/** Whether every operation that was begun was answered ok, probes included, and the whole workload was begun. */
function allOk(run: Executed): boolean {
  const begun = run.history.events.filter(({ kind }) => kind === 'invoke').length
  return okCount(run) === begun && begun >= run.scenario.workload.invocations.length
}

function okCount(run: Executed): number {
  return completionsOf(run.history).filter(({ kind }) => kind === 'ok').length
}

/** Without faults something must be answered ok, no outcome may stay unknown, and every probe must end. */
function isBroken(run: Executed): boolean {
  const unknown = completionsOf(run.history).some(({ kind }) => kind === 'info')
  return okCount(run) === 0 || unknown || hasPendingProbe(run)
}

/** What is begun beside the workload is a probe. It asks once, and ends where nothing is disturbed. */
function hasPendingProbe({ scenario: { workload }, history }: Executed): boolean {
  return pendingIn(history).some(({ invocation }) => workload.invocations.every(({ id }) => id !== invocation))
}
