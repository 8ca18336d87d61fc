// Keeps faults on their messages while the workload changes: roots and aliases in their addresses are renamed. Must not
// know why a workload changed.
import { renameKeys, type Root } from '../scenario/address.ts'
import type { Fault } from '../scenario/fault/registry.ts'
import { listed } from '../scenario/plan.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { ListedScenario } from './candidate.ts'
import { positionId, positionsOf } from './value-positions.ts'

/**
 * The faults with the addresses that they have under a changed workload. Invocations keep their ids. An alias follows
 * the position of its value: its invocation, its field, and its number among the values of that field. Faults whose
 * invocation is gone are dropped: they could never fire.
 */
export function rebase(faults: readonly Fault[], before: Workload, after: Workload): Fault[] {
  return rename(faults, before, after, new Map(after.invocations.map(({ id }) => [id, id])))
}

/**
 * The same scenario with invocations numbered from 0 in order, and clients from 0 by first appearance. The addresses of
 * its faults change with them.
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

/** The new alias of each old one whose value, or its successor, is still at its position. */
function renamedAliases(
  before: Workload,
  after: Workload,
  ids: ReadonlyMap<number, number>,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>()
  const found = positionsOf(after)
  for (const { invocation, localName, alias } of positionsOf(before).values()) {
    const id = ids.get(invocation)
    const next = id === undefined ? undefined : found.get(positionId(id, localName))
    if (next !== undefined && !renamed.has(alias)) renamed.set(alias, next.alias)
  }
  return renamed
}
