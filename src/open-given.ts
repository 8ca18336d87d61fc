// Opens the system of a test: it is given as it is, or made by a function; one without invariants is only looked at.
// Knows no test framework.
import { assessmentTitles } from './assessment.ts'
import { lookedAt, type LookedAt } from './findings/findings-only.ts'
import { inTime } from './plain/in-time.ts'
import { packageName, pointedError, type UserCall } from './report/pointed-error.ts'
import { open, type Simulation } from './simulation.ts'
import type { System } from './system/system.ts'

/** A system, or its asynchronous set-up: run once, in real time, with the context of the test. */
export type GivenSystem<C> = SystemToTest | ((context: C) => SystemToTest | PromiseLike<SystemToTest>)

/** A system. Without invariants nothing is judged: the test lists what it finds, and passes. */
export type SystemToTest = Omit<System, 'invariants'> & Partial<Pick<System, 'invariants'>>

/** A system that is open, and whether it is only looked at. */
export interface Opened {
  readonly simulation: Simulation
  readonly lookedAt?: LookedAt
}

export async function openGiven<C>(given: GivenSystem<C>, context: C, at: UserCall, limitMs: number): Promise<Opened> {
  const late = (): Error =>
    pointedError(`The set-up function has not returned a system within ${limitMs} ms.`, at, packageName)
  const system = typeof given === 'function' ? await inTime(given(context), limitMs, late) : given
  try {
    const { invariants, ...others } = checked(system)
    if (invariants !== undefined && invariants.length !== 0)
      return { simulation: await open({ ...others, invariants }) }
    const looked = lookedAt(others)
    return { simulation: await open(looked.system), lookedAt: looked }
  } catch (error) {
    throw pointedError(error instanceof Error ? error.message : String(error), at, assessmentTitles.broken)
  }
}

function checked(system: unknown): SystemToTest {
  // Its parts are checked by `open`
  if (typeof system === 'object' && system !== null && 'nodes' in system) return system as SystemToTest
  throw new Error(
    `The set-up function returned ${system === undefined ? 'nothing' : 'no system'}. Return { nodes, ` +
      'operations, invariants }.',
  )
}
