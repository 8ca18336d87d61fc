// The true minimum of a violation, by exhaustive search from below: fewest faults first, then fewest operations. Every
// workload of one operation and of two (one client or two, every think time), every single fault, every pair of faults.
// Two inputs are equal only where they were in a failing history: two orders under one id by chance are another story.
import { singleFaults, listed } from '../../src/scenario/plan.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import type { Invocation, Workload } from '../../src/scenario/scenario.ts'
import type { Simulation } from '../../src/simulation.ts'
import type { Site } from '../../src/scenario/site.ts'
import { sameValue } from '../../src/plain/value.ts'
import { judged, sameViolation, type Violation } from './judged.ts'

/** How small a failure is: what shrinking takes down first comes first. */
export interface Size {
  readonly faults: number
  readonly operations: number
}

/** Below 0 where `a` is smaller. */
export function compareSizes(a: Size, b: Size): number {
  return a.faults - b.faults || a.operations - b.operations
}

/** Pairs of faults are tried up to this many operations: their number grows with the square of the sites. */
const pairOperations = 1

/**
 * The smallest failure; undefined where none of up to 2 faults and 2 operations fails.
 *
 * @param samples failing workloads: the search takes its operations and inputs from them
 */
export async function trueMinimum(
  simulation: Simulation,
  samples: readonly Workload[],
  violation: Violation,
): Promise<Size | undefined> {
  const workloads = workloadsOf(samples)
  for (let faults = 0; faults <= 2; faults++) {
    for (const workload of workloads) {
      const operations = workload.invocations.length
      if (faults === 2 && operations > pairOperations) continue
      if (await fails({ simulation, workload, violation }, [], faults)) return { faults, operations }
    }
  }
  return undefined
}

interface Searched {
  readonly simulation: Simulation
  readonly workload: Workload
  readonly violation: Violation
}

/** Whether some plan of so many more faults fails. */
async function fails(searched: Searched, chosen: readonly Fault[], more: number): Promise<boolean> {
  const { simulation, workload, violation } = searched
  const { violations, sites } = await judged(simulation, { workload, plan: listed(chosen), seed: 1 })
  if (more === 0) return violations.some((other) => sameViolation(other, violation))
  for (const fault of faultsAt(sites, simulation)) if (await fails(searched, [...chosen, fault], more - 1)) return true
  return false
}

function faultsAt(sites: readonly Site[], { claim }: Simulation): readonly Fault[] {
  return singleFaults(sites, claim.allowed)
}

const thinkTimesMs = [0, 10, 30, 100, 1_000] as const

/** One operation, then two; a single one needs no company, no other client and no waiting. */
function workloadsOf(samples: readonly Workload[]): readonly Workload[] {
  const alone = firstOfEach(
    samples.flatMap(({ invocations }) => invocations),
    ({ operation }) => operation,
  )
  const together = firstOfEach(
    samples.flatMap(({ invocations }) => pairsOf(invocations)),
    ([first, second]) => `${first.operation} ${second.operation} ${String(sameValue(first.input, second.input))}`,
  )
  return [
    ...alone.map((only) => ({ invocations: [{ ...only, id: 0, client: 0, afterMs: 0 }] })),
    ...together.flatMap(([first, second]) =>
      [0, 1].flatMap((client) =>
        thinkTimesMs.map((afterMs) => ({
          invocations: [
            { ...first, id: 0, client: 0, afterMs: 0 },
            { ...second, id: 1, client, afterMs },
          ],
        })),
      ),
    ),
  ]
}

type Pair = readonly [Invocation, Invocation]

function pairsOf(invocations: readonly Invocation[]): readonly Pair[] {
  return invocations.flatMap((first) =>
    invocations.filter((second) => second !== first).map((second): Pair => [first, second]),
  )
}

function firstOfEach<T>(items: readonly T[], classOf: (item: T) => string): readonly T[] {
  return [...new Map(items.toReversed().map((item) => [classOf(item), item])).values()]
}
