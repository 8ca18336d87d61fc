// Why two runs of one scenario differ: the code under test is not deterministic, or state outlives a history. One more
// run tells which: state that leaked from earlier histories is still there, so that run equals the second. Knows no
// kernel.
import { divergence, type Divergence } from '../history/divergence.ts'
import type { Execute, Executed } from './executor.ts'

/** Two runs of one scenario took different courses, so that nothing can be concluded from either. */
export interface Unreliable {
  /** `leaks`: the course depends on the histories before. `flaky`: it changes from run to run. */
  readonly kind: 'leaks' | 'flaky'
  readonly where: Divergence
}

/** Compares two runs of one scenario; the second is run once more where they differ. Undefined where they are alike. */
export async function unreliable(execute: Execute, first: Executed, second: Executed): Promise<Unreliable | undefined> {
  const where = divergence(first.history, second.history)
  if (where?.kind !== 'course') return undefined
  const third = await execute(second.scenario, { collect: true, patient: second.patient })
  return { kind: divergence(second.history, third.history)?.kind === 'course' ? 'flaky' : 'leaks', where }
}

/** A failure that another run of its scenario does not show, or that takes another course there. */
export function unconfirmed(failed: Executed, again: Executed): Unreliable | undefined {
  const where = divergence(failed.history, again.history)
  return where !== undefined && (where.kind === 'course' || again.violations.length === 0)
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
