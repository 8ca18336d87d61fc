// Why two runs of one scenario differ: the code under test is not deterministic, or state outlives a history. One more
// run tells which: state that leaked from earlier histories is still there, so that run equals the second. Knows no
// kernel.
import { divergence, type Divergence } from '../history/divergence.ts'
import { noFaults } from '../scenario/plan.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { Execute, Executed } from './executor.ts'

/** Two runs of one scenario took different courses, so that nothing can be concluded from either. */
export interface Unreliable {
  /** `leaks`: the course depends on the histories before. `flaky`: it changes from run to run. */
  readonly kind: 'leaks' | 'flaky'
  readonly where: Divergence
}

/**
 * Compares two runs of one scenario; the second is run once more where they differ. Undefined where they are alike, and
 * where their answers differ anew each time, as ids of a pool that outlives a history do.
 */
export async function unreliable(execute: Execute, first: Executed, second: Executed): Promise<Unreliable | undefined> {
  const where = divergence(first.history, second.history)
  if (where === undefined || where.kind === 'draws') return undefined
  const third = await execute(second.scenario, { collect: true, patient: second.patient })
  const again = divergence(second.history, third.history)
  if (again === undefined || again.kind === 'draws') return { kind: 'leaks', where }
  if (where.kind === 'values') return undefined
  return { kind: again.kind === 'course' ? 'flaky' : 'leaks', where }
}

/** A failure that another run of its scenario does not show, or that takes another course there. */
export function unconfirmed(failed: Executed, again: Executed): Unreliable | undefined {
  const where = divergence(failed.history, again.history)
  return where !== undefined && where.kind !== 'draws' && (where.kind === 'course' || again.violations.length === 0)
    ? { kind: 'flaky', where }
    : undefined
}

/** Runs the first scenario of an exploration again: does it still take the same course after all others? */
export async function leaked(execute: Execute, first: Executed | undefined): Promise<Unreliable | undefined> {
  if (first === undefined) return undefined
  return unreliable(
    execute,
    first,
    await execute(first.scenario, { collect: true, compare: true, patient: first.patient }),
  )
}

/**
 * Whether a run depends on the histories before it: runs it twice, then other workloads on a perfect network, and then
 * once more. Answers that differ between the first two say nothing.
 */
export async function dependent(
  execute: Execute,
  run: Executed,
  others: Iterable<Workload>,
): Promise<Unreliable | undefined> {
  const options = { collect: true, patient: run.patient }
  const before = await execute(run.scenario, options)
  const again = await execute(run.scenario, options)
  const alone = divergence(before.history, again.history)
  if (alone !== undefined && alone.kind !== 'draws') return undefined
  for (const workload of others) await execute({ ...run.scenario, workload, plan: noFaults })
  const after = await execute(run.scenario, options)
  const where = divergence(again.history, after.history)
  return where === undefined || where.kind === 'draws' ? undefined : { kind: 'leaks', where }
}
