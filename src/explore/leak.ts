// Why two equal runs differ: the code under test is not deterministic, or state outlives a history. Told apart by
// running once more: state that leaked is there the next time too. Knows no kernel.
import { divergence, type Divergence } from '../history/divergence.ts'
import type { Execute, Executed } from './executor.ts'

/** What two equal runs that took another course say of the code under test. */
export interface Unlike {
  /** `leaks`: it depends on the histories before. `flaky`: on nothing that repeats. */
  readonly kind: 'leaks' | 'flaky'
  readonly where: Divergence
}

/** The second of two equal runs is repeated where it differs. */
export async function unlike(execute: Execute, first: Executed, second: Executed): Promise<Unlike | undefined> {
  const where = divergence(first.history, second.history)
  if (where?.kind !== 'course') return undefined
  const third = await execute(second.scenario, { collect: true, patient: second.patient })
  return { kind: divergence(second.history, third.history)?.kind === 'course' ? 'flaky' : 'leaks', where }
}

/** A failure that another run of its scenario does not show, or that came about otherwise. */
export function unconfirmed(failed: Executed, again: Executed): Unlike | undefined {
  const where = divergence(failed.history, again.history)
  return where !== undefined && (where.kind === 'course' || again.violations.length === 0)
    ? { kind: 'flaky', where }
    : undefined
}

/** Whether a run that was made before all others still takes the same course after them. */
export async function leaked(execute: Execute, before: Executed | undefined): Promise<Unlike | undefined> {
  if (before === undefined) return undefined
  const { scenario, patient } = before
  return unlike(execute, before, await execute(scenario, { collect: true, patient }))
}
