// Keeps faults on their messages while the workload under them changes: roots and aliases in their addresses are
// renamed. Also the guard that keeps different values different. Knows names and workloads; must not know why a
// workload changed.
import { renameKeys, type Root } from '../scenario/address.ts'
import { aliasesOf } from '../scenario/alias.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import { listed } from '../scenario/plan.ts'
import type { Invocation, Workload } from '../scenario/scenario.ts'
import type { ListedScenario } from './candidate.ts'

/**
 * The faults as they are addressed under a changed workload. Invocations keep their ids; an alias follows the place
 * that its value stood at (invocation, field, position). Faults whose root is gone are gone: they could never fire.
 */
export function rebase(faults: readonly Fault[], before: Workload, after: Workload): Fault[] {
  return rename(faults, before, after, new Map(after.invocations.map(({ id }) => [id, id])))
}

/**
 * The same scenario with invocations numbered from 0 in order, and clients from 0 by first appearance; faults follow.
 */
export function renumber(scenario: ListedScenario): ListedScenario {
  const before = scenario.workload
  const clients = [...new Set(before.invocations.map(({ client }) => client))]
  const ids = new Map(before.invocations.map((invocation, index) => [invocation.id, index]))
  const after = {
    invocations: before.invocations.map((invocation, id) => ({
      ...invocation,
      id,
      client: clients.indexOf(invocation.client),
    })),
  }
  return { ...scenario, workload: after, plan: listed(rename(scenario.plan.faults, before, after, ids)) }
}

function rename(
  faults: readonly Fault[],
  before: Workload,
  after: Workload,
  ids: ReadonlyMap<number, number>,
): Fault[] {
  const aliases = renamedAliases(before, after, ids)
  return faults.flatMap((fault) => {
    const root = renumbered(fault.at.root, before, ids)
    if (root === undefined) return []
    return [{ ...fault, at: { ...renameKeys(fault.at, (key) => aliases.get(key) ?? key), root } }]
  })
}

/** The root under the new numbers; undefined where its invocation is gone. */
function renumbered(root: Root, { invocations }: Workload, ids: ReadonlyMap<number, number>): Root | undefined {
  if (root.kind !== 'operation') return root
  const { operation, invocation } = root
  if (!invocations.some((one) => one.id === invocation && one.operation === operation)) return root
  const next = ids.get(invocation)
  return next === undefined ? undefined : { ...root, invocation: next }
}

function renamedAliases(
  before: Workload,
  after: Workload,
  ids: ReadonlyMap<number, number>,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>()
  const found = placesOf(after)
  for (const { invocation, place, name } of placesOf(before).values()) {
    const next = found.get(`${ids.get(invocation)} ${place}`)
    if (next !== undefined && !renamed.has(name)) renamed.set(name, next.name)
  }
  return renamed
}

/** Whether values that were different in a workload are different still: two orders must not become one order. */
export function keepsApart(before: Workload, after: Workload): boolean {
  const known = placesOf(before)
  const origin = new Map<string, string>()
  for (const [id, { name }] of placesOf(after)) {
    const was = known.get(id)?.name
    if (was === undefined) continue
    if ((origin.get(name) ?? was) !== was) return false
    origin.set(name, was)
  }
  return true
}

/** A value's place: which of its field's distinct values within one invocation. And the alias that stands there. */
interface Place {
  readonly invocation: number
  readonly place: string
  readonly name: string
}

function placesOf(workload: Workload): ReadonlyMap<string, Place> {
  const names = new Map(aliasesOf(workload).map(({ field, value, name }) => [`${field}=${value}`, name]))
  return new Map(
    workload.invocations.flatMap((invocation) =>
      localAliases(invocation).map(({ name: place, field, value }) => {
        const name = names.get(`${field}=${value}`) ?? place
        return [`${invocation.id} ${place}`, { invocation: invocation.id, place, name }]
      }),
    ),
  )
}

function localAliases(invocation: Invocation): ReturnType<typeof aliasesOf> {
  return aliasesOf({ invocations: [invocation] })
}
