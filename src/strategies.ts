// The parts of an exploration that start from the perfect network: without faults, in other orders of processes, every
// single fault, random histories. Each runs one history a step and counts it; it ends with the first that violates an
// invariant. Ties the strategies to the tally.
import type { AssessOptions } from './assessment.ts'
import type { Deadline, Execute, Executed } from './explore/executor.ts'
import { interleave, type Part } from './explore/interleave.ts'
import { orders } from './explore/orders.ts'
import { singles } from './explore/singles.ts'
import { swarm, type SwarmOptions } from './explore/swarm.ts'
import type { Tally } from './explore/tally.ts'
import { sameViolation, violationToShrink } from './explore/violation.ts'
import type { WorkloadSource } from './generate/workload-source.ts'
import { drawnBy, learn } from './learn.ts'
import { leftLengthsText } from './report/exploration-remarks.ts'
import { noFaults } from './scenario/plan.ts'
import type { Simulation } from './simulation.ts'

/** So many random histories are run before anything is learned for them, since that takes histories too. */
const unlearned = 4

/** What the parts share. */
export interface StrategyOptions {
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
}

/** The parts, side by side. Each goes on where it was left. */
export class Strategies {
  readonly #tally: Tally
  readonly #random: Part<Executed>
  readonly #faultFree: Part<Executed>
  readonly #orders: Part<Executed>
  readonly #singles: Part<Executed>

  constructor(options: StrategyOptions) {
    this.#tally = options.tally
    this.#random = randomHistories(options)
    this.#faultFree = faultFree(options)
    this.#orders = everyOrder(options)
    this.#singles = everySingle(options)
  }

  /**
   * The first violation of all parts, or a simpler one.
   *
   * @param isScarce whether time is short, so that single faults come first: they may not be left out
   */
  async all(isScarce: () => boolean): Promise<Executed | undefined> {
    const waits = (): boolean => isScarce() && this.#tally.leftOfSingles > 0
    const found = await interleave([
      { part: this.#random, share: 3, waits },
      { part: this.#faultFree, share: 1, waits },
      { part: this.#singles, share: 2 },
      { part: this.#orders, share: 1, waits },
    ])
    return found === undefined ? undefined : this.#simpler(found, isScarce)
  }

  /** The first violation of all parts but random histories. */
  certificate(): Promise<Executed | undefined> {
    return interleave([
      { part: this.#faultFree, share: 1 },
      { part: this.#orders, share: 1 },
      { part: this.#singles, share: 2 },
    ])
  }

  /** The first violation of random histories. */
  random(): Promise<Executed | undefined> {
    return interleave([{ part: this.#random, share: 1 }])
  }

  /**
   * The same failure with no fault or a single one, where a part that is not over shows it: a better one to shrink.
   * Most of a scarce time is kept for shrinking.
   */
  async #simpler(found: Executed, isScarce: () => boolean): Promise<Executed> {
    const isSame = (other: Executed | undefined): other is Executed =>
      other !== undefined && sameViolation(violationToShrink(other, undefined), violationToShrink(found, undefined))
    if (found.fired.length === 0) return found
    const none = await interleave([{ part: this.#faultFree, share: 1 }], isScarce)
    if (isSame(none)) return none
    const one = found.fired.length === 1 ? undefined : await interleave([{ part: this.#singles, share: 1 }], isScarce)
    return isSame(one) ? one : found
  }
}

/** Without faults: larger workloads. */
async function* faultFree(parts: StrategyOptions): Part<Executed> {
  const { workloads, tally, options } = parts
  const { seed } = options
  for (const workload of workloads.faultless(seed)) {
    if (parts.timeIsUp()) break
    const run = await parts.explore({ workload, plan: noFaults, seed })
    tally.countPerfect(run, 1)
    if (run.violations.length > 0) return run
    yield
  }
  return undefined
}

/** Without faults: two processes on one store, each between two statements of the other. */
async function* everyOrder(parts: StrategyOptions): Part<Executed> {
  const { tally, perfect, workloads, options } = parts
  if (perfect === undefined || !tally.sharesStore) return undefined
  for await (const { run, violating } of orders(parts.explore, perfect, workloads.pairs(options.seed))) {
    tally.count({ orders: { run, violated: violating === undefined ? 0 : 1 } })
    if (violating !== undefined) return violating
    if (parts.timeIsUp()) break
    yield
  }
  return undefined
}

/** Every single fault, once the perfect network is known. */
async function* everySingle(parts: StrategyOptions): Part<Executed> {
  const { tally, perfect, simulation } = parts
  if (perfect === undefined) return undefined
  for await (const { run, total, violating, unclear } of singles(parts.explore, perfect, simulation.claim.allowed)) {
    tally.count({ singles: { run, total, violated: violating === undefined ? 0 : 1 } })
    tally.countUnclear(unclear)
    if (violating !== undefined) return violating
    if (parts.timeIsUp()) break
    yield
  }
  return undefined
}

/** Many faults at once, on larger workloads. */
async function* randomHistories(parts: StrategyOptions): Part<Executed> {
  const { simulation, workloads, tally, options } = parts
  const { numRuns, seed } = options
  if (numRuns === 0) return undefined
  const learned = async (): Promise<void> => {
    const lengths = await learn(simulation.system, workloads, parts.execute)
    if (lengths.leftMs.length > 0) tally.remark(leftLengthsText(lengths, simulation.system.faultsForMs !== undefined))
  }
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
    if (violating !== undefined) return violating
    if (parts.timeIsUp()) break
    if (run === unlearned) await learned()
    yield
  }
  return undefined
}
