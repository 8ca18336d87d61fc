// The parts of an exploration that start from the perfect network: without faults, in other orders of processes, every
// single fault, random histories. Each runs one history a step and counts it. Ties the strategies to the tally.
import type { Assessment, AssessOptions } from './assessment.ts'
import type { Deadline, Execute, Executed } from './explore/executor.ts'
import type { Part } from './explore/interleave.ts'
import { orders } from './explore/orders.ts'
import { singles } from './explore/singles.ts'
import { swarm, type SwarmOptions } from './explore/swarm.ts'
import type { Tally } from './explore/tally.ts'
import type { WorkloadSource } from './generate/workload-source.ts'
import { drawnBy, learn } from './learn.ts'
import { noFaults } from './scenario/plan.ts'
import type { Simulation } from './simulation.ts'

/** So many random histories are run before anything is learned for them, since that takes histories too. */
const unlearned = 4

/** What the parts share. */
export interface PartsOptions {
  readonly simulation: Simulation
  readonly options: AssessOptions & { readonly seed: number; readonly numRuns: number }
  readonly workloads: WorkloadSource
  readonly tally: Tally
  /** The fault-free run that works. */
  readonly perfect: Executed | undefined
  /** Runs a history that counts for the result. */
  readonly explore: Execute
  /** Runs one that does not. */
  readonly execute: Execute
  readonly timeIsUp: Deadline
  /** How the exploration ends where a history violates an invariant. */
  violated(executed: Executed): Promise<Assessment>
}

/** Without faults: larger workloads. */
export async function* faultFree(parts: PartsOptions): Part<Assessment> {
  const { workloads, tally, options } = parts
  const { seed } = options
  for (const workload of workloads.faultless(seed)) {
    if (parts.timeIsUp()) break
    const run = await parts.explore({ workload, plan: noFaults, seed })
    tally.countPerfect(run, 1)
    if (run.violations.length > 0) return parts.violated(run)
    yield
  }
  return undefined
}

/** Without faults: two processes on one store, each between two statements of the other. */
export async function* everyOrder(parts: PartsOptions): Part<Assessment> {
  const { tally, perfect, workloads, options } = parts
  if (perfect === undefined || !tally.sharesStore) return undefined
  for await (const { run, violating } of orders(parts.explore, perfect, workloads.pairs(options.seed))) {
    tally.count({ orders: { run, violated: violating === undefined ? 0 : 1 } })
    if (violating !== undefined) return parts.violated(violating)
    if (parts.timeIsUp()) break
    yield
  }
  return undefined
}

/** Every single fault, once the perfect network is known. */
export async function* everySingle(parts: PartsOptions): Part<Assessment> {
  const { tally, perfect, simulation } = parts
  if (perfect === undefined) return undefined
  for await (const { run, total, violating, unclear } of singles(parts.explore, perfect, simulation.claim.allowed)) {
    tally.count({ singles: { run, total, violated: violating === undefined ? 0 : 1 } })
    tally.countUnclear(unclear)
    if (violating !== undefined) return parts.violated(violating)
    if (parts.timeIsUp()) break
    yield
  }
  return undefined
}

/** Many faults at once, on larger workloads. */
export async function* randomHistories(parts: PartsOptions): Part<Assessment> {
  const { simulation, workloads, tally, options } = parts
  const { numRuns, seed } = options
  if (numRuns === 0) return undefined
  const learned = (): Promise<void> => learn(simulation.system, workloads, parts.execute)
  if (numRuns <= unlearned) await learned()
  const { allowed, atMost, kinds } = simulation.claim
  const processes = tally.sharesStore
  const given: SwarmOptions = {
    seed,
    numRuns,
    kinds,
    allowed,
    atMost,
    processes,
    probe: parts.execute,
    ...drawnBy(workloads),
  }
  for await (const { run, violating } of swarm(parts.explore, given)) {
    const total = violating === undefined && run < numRuns ? { total: numRuns } : {}
    tally.count({ swarm: { run, violated: violating === undefined ? 0 : 1, ...total } })
    if (violating !== undefined) return parts.violated(violating)
    if (parts.timeIsUp()) break
    if (run === unlearned) await learned()
    yield
  }
  return undefined
}
