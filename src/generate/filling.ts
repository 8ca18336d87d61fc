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

/**
 * `alike`: all the same. `other`: all but the last one, which may need nothing of what the others wait for. `any`: each
 * is drawn.
 */
const mixes = ['alike', 'other', 'other', 'any'] as const

/** So many operations at once. */
export function fillingWorkload(
  seed: number,
  size: number,
  operations: readonly Operation<unknown>[],
  shrinkers: Shrinkers,
): Workload {
  const mix = mixes[pick(seed, 'mix', mixes.length)] ?? 'any'
  const draw = (id: number): number => pick(seed, `operation ${id}`, operations.length)
  const drawn = (id: number): number => {
    if (mix === 'any') return draw(id)
    if (mix === 'alike' || id < size - 1) return draw(0)
    return (draw(0) + 1 + pick(seed, 'other', operations.length - 1)) % operations.length
  }
  const invocations: Invocation[] = []
  for (let id = 0; id < size; id++) {
    const operation = operations[drawn(id)] as Operation<unknown> // the cast holds: it is below the length
    const value = drawInput(seed, operation, invocations)
    shrinkers.remember(operation.name, value)
    invocations.push({ id, operation: operation.name, client: id, afterMs: 0, input: value.value_ })
  }
  return { invocations }
}
