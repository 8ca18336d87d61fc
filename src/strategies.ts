// The parts of an exploration that start from the perfect network: without faults, in other orders of processes, every
// single fault, further ones where one has passed, random histories. Each runs one history a step and counts it; it
// ends with the first that violates an invariant. Ties the strategies to the tally.
import type { AssessOptions } from './assessment.ts'
import type { Deadline, Execute, Executed } from './explore/executor.ts'
import { again, AgainQueue } from './explore/again.ts'
import { consequence, ConsequenceQueue } from './explore/consequences.ts'
import { interleave, type Part } from './explore/interleave.ts'
import { askedBefore, faultSets, openingOf, type Opening } from './explore/fault-sets.ts'
import { orders } from './explore/orders.ts'
import { singles } from './explore/singles.ts'
import { swarm, type SwarmOptions } from './explore/swarm.ts'
import type { Tally } from './explore/tally.ts'
import { sameViolation, violationToShrink } from './explore/violation.ts'
import type { WorkloadSource } from './generate/workload-source.ts'
import { drawnBy, learn } from './learn.ts'
import { happeningHash } from './history/history-bytes.ts'
import { leftLengthsText } from './report/exploration-remarks.ts'
import type { Exhaustive } from './verdict/explored.ts'
import { noFaults } from './scenario/plan.ts'
import type { Simulation } from './simulation.ts'

/** So many histories are run with and without faults before anything is learned for them: that takes histories too. */
const unlearned = { random: 4, faultFree: 1 } as const

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
  /** Notes how many sets of faults `exhaustive` asks for. */
  readonly asks: (asked: Exhaustive['asked']) => void
}

/** The parts, side by side. Each goes on where it was left. */
export class Strategies {
  readonly #tally: Tally
  readonly #random: Part<Executed>
  readonly #faultFree: Part<Executed>
  readonly #orders: Part<Executed>
  readonly #singles: Part<Executed>
  readonly #again: Part<Executed>
  readonly #consequences: Part<Executed>
  readonly #sets: Part<Executed>
  readonly #passed: Passed

  constructor(options: StrategyOptions) {
    const { allowed, atMost } = options.simulation.claim
    const { exhaustive, numRuns } = options.options
    // Who asks for all sets of so many faults gets these, and no others but random ones
    const given = [options.perfect, allowed, atMost, exhaustive === undefined ? numRuns : 0] as const
    const queues = { repeated: new AgainQueue(...given), consequences: new ConsequenceQueue(...given) }
    this.#tally = options.tally
    this.#passed = { openings: [], ...queues, complete: false, histories: new Set() }
    const learned = learnOnce(options)
    this.#random = randomHistories(options, learned)
    this.#faultFree = faultFree(options, learned)
    this.#orders = everyOrder(options)
    this.#singles = everySingle(options, this.#passed)
    this.#again = everyFurther(options, 'again', (perfect) => again(options.explore, perfect, queues.repeated))
    this.#consequences = everyFurther(options, 'consequences', (perfect) =>
      consequence(options.explore, perfect, queues.consequences),
    )
    this.#sets = everySet(options, this.#passed)
  }

  /**
   * The first violation of all parts, or a simpler one.
   *
   * @param isScarce whether time is short, so that single faults and what `exhaustive` asks for come first: they may
   *   not be left out
   */
  async all(isScarce: () => boolean): Promise<Executed | undefined> {
    const waits = (): boolean => isScarce() && this.#tally.leftOfCertificate > 0
    const found = await interleave([
      { part: this.#random, share: 3, waits },
      { part: this.#faultFree, share: 2, waits },
      { part: this.#singles, share: 2 },
      { part: this.#again, share: 1, waits: () => waits() || this.#hasNothing('repeated') },
      { part: this.#consequences, share: 1, waits: () => waits() || this.#hasNothing('consequences') },
      { part: this.#sets, share: 2, waits: () => !this.#passed.complete },
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
      { part: this.#again, share: 1, waits: () => this.#hasNothing('repeated') },
      { part: this.#consequences, share: 1, waits: () => this.#hasNothing('consequences') },
    ])
  }

  /** For now: single faults that are still to come may be such. */
  #hasNothing(queue: 'repeated' | 'consequences'): boolean {
    return this.#passed[queue].isEmpty && !this.#passed.complete
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

/** Learns what workloads are drawn from when it is first called. */
function learnOnce({ simulation, workloads, tally, execute }: StrategyOptions): () => Promise<void> {
  const learned = async (): Promise<void> => {
    const lengths = await learn(simulation.system, workloads, execute)
    if (lengths.leftMs.length > 0) tally.remark(leftLengthsText(lengths, simulation.system.faultsForMs !== undefined))
  }
  let once: Promise<void> | undefined
  return () => (once ??= learned())
}

/** Without faults: larger workloads. */
async function* faultFree(parts: StrategyOptions, learned: () => Promise<void>): Part<Executed> {
  const { workloads, tally, options } = parts
  const { seed, numRuns } = options
  let count = 0
  for (const workload of workloads.faultless(seed, numRuns)) {
    if (parts.timeIsUp()) break
    const run = await parts.explore({ workload, plan: noFaults, seed })
    tally.countPerfect(run, 1)
    if (run.violations.length > 0) return run
    count += 1
    if (count === unlearned.faultFree) await learned()
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

/** What the single faults leave for more of them. */
interface Passed {
  /** Where `exhaustive` asks for larger sets. */
  readonly openings: Opening[]
  /** Those whose call was tried again. */
  readonly repeated: AgainQueue
  /** Those that made the code do something else. */
  readonly consequences: ConsequenceQueue
  /** All of them were run, and none violated anything. */
  complete: boolean
  /** Hashes of what happened in them and in larger sets. */
  readonly histories: Set<string>
}

/** Every single fault, once the perfect network is known. */
async function* everySingle(parts: StrategyOptions, passed: Passed): Part<Executed> {
  const { tally, perfect, simulation, options } = parts
  const { exhaustive } = options
  const { allowed } = simulation.claim
  if (perfect === undefined) return undefined
  tally.count({ smallest: perfect.scenario.workload.invocations.map(({ operation }) => operation) })
  const further = exhaustive !== undefined && exhaustive > 1
  const collect = (): boolean => further || passed.consequences.isOpen
  for await (const { run, total, executed } of singles(parts.explore, perfect, allowed, collect)) {
    const violated = executed !== undefined && executed.violations.length > 0
    tally.count({ singles: { run, total, violated: violated ? 1 : 0 } })
    if (exhaustive !== undefined && executed === undefined) parts.asks(askedBefore(total, exhaustive))
    if (executed !== undefined) noteListed(parts, passed, executed)
    if (violated) return executed
    if (executed !== undefined) passed.repeated.note(executed)
    if (executed !== undefined) passed.consequences.note(executed)
    if (executed !== undefined && further) passed.openings.push(openingOf(executed, allowed))
    passed.complete = run === total
    if (parts.timeIsUp()) break
    yield
  }
  return undefined
}

/** Further faults where a single one has passed: at the next attempts of its call, or at what it made the code do. */
async function* everyFurther(
  { tally, perfect, timeIsUp }: StrategyOptions,
  counted: 'again' | 'consequences',
  next: (perfect: Executed) => Promise<Executed | undefined>,
): Part<Executed> {
  if (perfect === undefined) return undefined
  for (let run = 1; ; run++) {
    const executed = await next(perfect)
    if (executed === undefined) return undefined
    const violated = executed.violations.length > 0
    tally.count({ [counted]: { run, violated: violated ? 1 : 0 } })
    if (violated) return executed
    if (timeIsUp()) return undefined
    yield
  }
}

/** Every set of two faults, or three, where `exhaustive` asks for them, once every single fault has passed. */
async function* everySet(parts: StrategyOptions, passed: Passed): Part<Executed> {
  const { tally, perfect, simulation, options } = parts
  const { exhaustive: most = 1 } = options
  if (perfect === undefined || !passed.complete) return undefined
  const { allowed } = simulation.claim
  const given = { perfect, singles: passed.openings, most, allowed, probe: parts.execute }
  for await (const { faults, run, total, executed, asked } of faultSets(parts.explore, given)) {
    const violated = executed !== undefined && executed.violations.length > 0
    tally.countSets({ faults, run, total, violated: violated ? 1 : 0 })
    if (asked !== undefined) parts.asks(asked)
    if (executed !== undefined) noteListed(parts, passed, executed)
    if (violated) return executed
    if (parts.timeIsUp()) break
    yield
  }
  return undefined
}

/** What counts of a history of listed faults besides its verdicts. */
function noteListed({ tally, options }: StrategyOptions, { histories }: Passed, executed: Executed): void {
  tally.noteUnclear(executed)
  if (options.exhaustive === undefined) return
  histories.add(happeningHash(executed.history))
  tally.countHistories(histories.size)
}

/** Many faults at once, on larger workloads. */
async function* randomHistories(parts: StrategyOptions, learned: () => Promise<void>): Part<Executed> {
  const { simulation, workloads, tally, options } = parts
  const { numRuns, seed } = options
  if (numRuns === 0) return undefined
  const isLearned = (turn: number): boolean => numRuns <= unlearned.random || turn >= unlearned.random
  if (isLearned(0)) await learned()
  const drawn = drawnBy(workloads)
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
    ...drawn,
    // Whoever learned them first: a history is about a length, or is not, by its number alone
    about: (own, turn) => (turn === undefined || isLearned(turn) ? drawn.about(own, turn) : undefined),
  }
  for await (const { run, violating } of swarm(parts.explore, given)) {
    const total = violating === undefined && run < numRuns ? { total: numRuns } : {}
    tally.count({ swarm: { run, violated: violating === undefined ? 0 : 1, ...total } })
    if (violating !== undefined) return violating
    if (parts.timeIsUp()) break
    if (run === unlearned.random) await learned()
    yield
  }
  return undefined
}
