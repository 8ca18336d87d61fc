// Keeps faults on their messages while the workload changes: roots and aliases in their addresses are renamed. Must not
// know why a workload changed.
import { renameKeys, type Address, type Root } from '../scenario/address.ts'
import { listed, orderOf } from '../scenario/plan.ts'
import type { Workload } from '../scenario/scenario.ts'
import type { ListedScenario } from './candidate.ts'
import { positionId, positionsOf } from './value-positions.ts'

/** A fault, or a late change. */
interface Placed {
  readonly at: Address
}

/**
 * The faults, or late changes, with the addresses that they have under a changed workload. Invocations keep their ids.
 * An alias follows the position of its value: its invocation, its field, and its number among the values of that
 * field. Those whose invocation is gone are dropped: they could never fire.
 */
export function rebase<T extends Placed>(faults: readonly T[], before: Workload, after: Workload): T[] {
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
  const moved = <T extends Placed>(placed: readonly T[]): T[] => rename(placed, before, after, ids)
  return { ...scenario, workload: after, plan: listed(moved(scenario.plan.faults), moved(orderOf(scenario.plan))) }
}

function rename<T extends Placed>(
  faults: readonly T[],
  before: Workload,
  after: Workload,
  ids: ReadonlyMap<number, number>,
): T[] {
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
