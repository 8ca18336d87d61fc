// conformance: each store and each queue under every single fault that applies to it. A cell is one of them and one
// kind of fault: it is passed where each such fault strikes once, breaks no claim of a sound system, and gives the same
// bytes again. What a fault does to a call is asserted by the suites of two-generals/conformance.
import { check } from '../../src/check/check.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { randomWorkload } from '../../src/generate/workload.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import { faultKinds, type Fault, type FaultKind } from '../../src/scenario/fault/registry.ts'
import { everyFault, listed, noFaults, singleFaults } from '../../src/scenario/plan.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import type { Workload } from '../../src/scenario/scenario.ts'
import type { System } from '../../src/system/system.ts'
import { queueSystems, storeSystems } from './kept-systems.ts'
import { whyNot } from './not-there.ts'
import type { Effort, Result } from './result.ts'

export async function* conformance({ quick }: Effort): AsyncGenerator<Result, void> {
  const all: boolean[] = []
  for (const [name, make] of Object.entries({ ...storeSystems, ...queueSystems })) {
    const cells = await cellsOf(name, await make(), quick ? 1 : Infinity)
    all.push(...cells.values())
    yield result(`conformance/${name}`, [...cells.values()])
  }
  yield result('conformance', all)
}

/** `value`: failed cells; `baseline`: all; `ratio`: the share that is passed. */
function result(name: string, cells: readonly boolean[]): Result {
  const passed = cells.filter(Boolean).length
  return {
    name,
    value: cells.length - passed,
    unit: 'failed cells',
    baseline: cells.length,
    ratio: passed / cells.length,
  }
}

/**
 * The cells of one store or queue, by kind.
 *
 * @param most how many faults of a kind are tried
 * @throws where a kind that does not apply has no reason, or one that applies has one
 */
export async function cellsOf(name: string, system: System, most: number): Promise<ReadonlyMap<FaultKind, boolean>> {
  const simulation = await open(system)
  try {
    const workload = twoInTurn(system)
    const { sites } = await simulation.run({ workload, plan: noFaults, seed: 1 }, { collect: true })
    const cells = new Map<FaultKind, boolean>()
    const faults = singleFaults(sites, everyFault)
    for (const fault of faultKinds.flatMap((kind) => faults.filter((one) => one.kind === kind).slice(0, most))) {
      const wrong = await whatIsWrong(simulation, (plan) => simulation.run({ workload, plan, seed: 1 }), fault)
      if (wrong !== undefined) console.error(`conformance/${name}: ${JSON.stringify(fault)} ${wrong}`)
      cells.set(fault.kind, wrong === undefined && cells.get(fault.kind) !== false)
    }
    for (const kind of faultKinds)
      if (cells.has(kind) === (whyNot(name, kind) !== undefined))
        throw new Error(
          `Bug: ${kind} on ${name} ${cells.has(kind) ? 'applies, and has a reason not to' : 'has no reason'}`,
        )
    return cells
  } finally {
    await simulation.close()
  }
}

/** Two operations, one after the other; one where the system says so. */
function twoInTurn({ operations, maxOperations = 2 }: System): Workload {
  for (let seed = 1; ; seed++) {
    const workload = randomWorkload(seed, { operations, clients: 1, maxOperations: 2 }, new Shrinkers())
    if (workload.invocations.length === Math.min(maxOperations, 2)) return workload
  }
}

async function whatIsWrong(
  { system }: Simulation,
  run: (plan: ReturnType<typeof listed>) => ReturnType<Simulation['run']>,
  fault: Fault,
): Promise<string | undefined> {
  const { history, fired } = await run(listed([fault]))
  if (fired.length !== 1) return `fired ${fired.length} times`
  const broken = check(history, system.invariants).find(({ kind }) => kind === 'violated')
  if (broken !== undefined) return `broke a claim: ${broken.reasons[0]?.text}`
  const again = await run(listed([fault]))
  return historyBytes(again.history) === historyBytes(history) ? undefined : 'gave other bytes'
}
