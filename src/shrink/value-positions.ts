// Where the values of a workload are, so that a value can be followed while the workload shrinks. Pure functions of a
// workload.
import { aliasesOf } from '../scenario/alias.ts'
import type { Workload } from '../scenario/scenario.ts'

/** One value of one invocation. */
export interface ValuePosition {
  readonly invocation: number
  /** Its alias if this invocation were the whole workload: stable while other invocations are dropped. */
  readonly localName: string
  /** Its alias in the workload. */
  readonly alias: string
}

/** All values of a workload, by {@link positionId}. */
export function positionsOf(workload: Workload): ReadonlyMap<string, ValuePosition> {
  const aliases = new Map(aliasesOf(workload).map(({ field, value, name }) => [`${field}=${value}`, name]))
  return new Map(
    workload.invocations.flatMap((invocation) =>
      aliasesOf({ invocations: [invocation] }).map(({ name: localName, field, value }) => {
        const alias = aliases.get(`${field}=${value}`) ?? localName
        return [positionId(invocation.id, localName), { invocation: invocation.id, localName, alias }]
      }),
    ),
  )
}

export function positionId(invocation: number, localName: string): string {
  return `${invocation} ${localName}`
}
