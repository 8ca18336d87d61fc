// Workloads that fill a pool: at a node with a capacity, one operation more than find a place begin at once, each by a
// client of its own. The limits that the user gave are kept; the usual ones are not, since few pools are that small. A
// pure function of a seed.
import { pick } from '../plain/random.ts'
import type { Invocation, Workload } from '../scenario/scenario.ts'
import type { Operation } from '../system/operation.ts'
import type { System } from '../system/system.ts'
import { drawInput } from './shared.ts'
import type { Shrinkers } from './values.ts'

/** A larger pool is not filled: its histories would be too long. */
const mostAtOnce = 50

/**
 * How many operations begin at once: for each node with a capacity one more than its instances work on, and one more
 * than that and the queue. In order, and no number twice. None where nothing has a capacity.
 */
export function fillingSizes({ nodes, clients = mostAtOnce, maxOperations = mostAtOnce }: System): readonly number[] {
  const most = Math.min(clients, maxOperations, mostAtOnce)
  const sizes = Object.values(nodes).flatMap(({ capacity, instances = 1 }) => {
    if (capacity === undefined) return []
    const { concurrent, queue = 0 } = capacity
    return [instances * concurrent + 1, instances * (concurrent + queue) + 1]
  })
  const possible = sizes.map((size) => Math.min(size, most)).filter((size) => size > 1)
  return [...new Set(possible)].toSorted((a, b) => a - b)
}

/** So many operations at once: all the same, or any. */
export function fillingWorkload(
  seed: number,
  size: number,
  operations: readonly Operation<unknown>[],
  shrinkers: Shrinkers,
): Workload {
  const alike = pick(seed, 'alike', 2) === 0
  const invocations: Invocation[] = []
  for (let id = 0; id < size; id++) {
    // The cast holds: pick is below the length
    const operation = operations[pick(seed, `operation ${alike ? 0 : id}`, operations.length)] as Operation<unknown>
    const value = drawInput(seed, operation, invocations)
    shrinkers.remember(operation.name, value)
    invocations.push({ id, operation: operation.name, client: id, afterMs: 0, input: value.value_ })
  }
  return { invocations }
}
