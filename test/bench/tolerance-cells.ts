// tolerance: the tables of twenty examples, each cell beside an exhaustive run of all single faults that asks the
// checkers itself, one history after the other, all of them with patience.
import type { System } from '../../src/index.ts'
import { noFaults, listed, singleFaults } from '../../src/scenario/plan.ts'
import { WorkloadSource } from '../../src/generate/workload-source.ts'
import { open } from '../../src/simulation.ts'
import { toleranceOf, type ToleranceRow } from '../../src/tolerance.ts'
import { expired, onlyQueued, working as queueing } from '../../examples/job-worker.ts'
import { lastWriteWins, moving, versioned } from '../../examples/last-write.ts'
import { fencing, trusting, working as leasing } from '../../examples/lease.ts'
import { createdFirst, lastArrival, newestVersion, subscribing } from '../../examples/subscription.ts'
import { anyError, nothingSent, reserving } from '../../examples/unreliable-network.ts'
import type { Effort, Result } from './result.ts'
import { broken, unbroken } from './systems.ts'

const systems: Readonly<Record<string, System>> = {
  ...broken,
  ...unbroken,
  'last write wins': moving(lastWriteWins),
  versions: moving(versioned),
  'a lease alone': leasing(trusting),
  fencing: leasing(fencing),
  'last arrival': subscribing(lastArrival),
  'created first': subscribing(createdFirst),
  'newest version': subscribing(newestVersion),
  'only queued jobs': queueing(onlyQueued),
  'expired jobs too': queueing(expired),
  'any error': reserving(anyError),
  'nothing was sent': reserving(nothingSent),
}

export async function* toleranceCells({ quick }: Effort): AsyncGenerator<Result, void> {
  let [right, all] = [0, 0]
  for (const [name, system] of Object.entries(systems).slice(0, quick ? 6 : undefined)) {
    const table = await toleranceOf(system, { numRuns: 0 })
    const expected = await exhaustive(system)
    for (const row of table.rows)
      for (const [index, invariant] of table.invariants.entries()) {
        const wanted = expected.get(`${row.fault} ${invariant}`) ?? 'not exercised'
        const found = resultOf(row, index)
        all += 1
        if (found === wanted) right += 1
        else console.error(`${name}, ${row.fault}, ${invariant}: ${found} in the table, ${wanted} by hand`)
      }
  }
  yield { name: 'tolerance', value: right, unit: 'cells', baseline: all, ratio: right / all }
}

function resultOf({ cells }: ToleranceRow, index: number): string {
  return cells[index]?.result ?? 'missing'
}

/** Of each kind and invariant what all its single faults show. */
async function exhaustive(system: System): Promise<ReadonlyMap<string, string>> {
  const simulation = await open(system)
  const { invariants } = simulation.system
  const found = new Map<string, string>()
  const note = (id: string, result: string): void => {
    const known = found.get(id)
    if (known !== 'violated' && (result === 'violated' || (result === 'holds' && known === undefined)))
      found.set(id, result)
  }
  try {
    const workloads = new WorkloadSource(system)
    for (const small of workloads.small(1)) {
      const first = await simulation.run({ workload: small, plan: noFaults, seed: 1 }, { collect: true, patient: true })
      const ends = first.history.events.filter(({ kind }) => ['ok', 'fail', 'info'].includes(kind))
      if (!ends.every(({ kind }) => kind === 'ok')) continue
      const workload = workloads.closed({ scenario: { workload: small, plan: noFaults, seed: 1 }, ...first })
      const run = await simulation.run({ workload, plan: noFaults, seed: 1 }, { collect: true, patient: true })
      for (const fault of singleFaults(run.sites, simulation.claim.allowed)) {
        const scenario = { workload, plan: listed([fault]), seed: 1 }
        const { history, fired } = await simulation.run(scenario, { patient: true })
        if (fired.length === 0) continue
        for (const invariant of invariants) note(`${fault.kind} ${invariant.name}`, invariant.check(history).kind)
      }
      return found
    }
    throw new Error('Bug: no small workload works')
  } finally {
    await simulation.close()
  }
}
