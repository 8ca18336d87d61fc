// The loop on one screen: saved counterexamples, the perfect network, every single fault, swarm; the first failure is
// confirmed, shrunk and explained. Ties exploring, simulating, checking and shrinking together; knows no test
// framework.
import * as fc from 'fast-check'
import { assertAssessOptions, type AssessOptions, type Assessed, type Assessment } from './assessment.ts'
import { fold, judge } from './check/fold.ts'
import { explainFailure, judgeRun } from './explain-failure.ts'
import { baseline } from './explore/baseline.ts'
import type { Deadline, Execute, Executed } from './explore/executor.ts'
import { Pace } from './explore/pace.ts'
import { Patience } from './explore/patience.ts'
import { replay } from './explore/replay.ts'
import { Tally } from './explore/tally.ts'
import { leaked, type Unreliable } from './explore/unreliable.ts'
import { WorkloadSource } from './generate/workload-source.ts'
import { Strategies } from './strategies.ts'
import { bug } from './plain/bug.ts'
import { startStopwatch, type Stopwatch } from './plain/stopwatch.ts'
import {
  cutTexts,
  neverFullTexts,
  neverSeenTexts,
  neverOkText,
  threwAloneText,
  toldAloneText,
  notFiredText,
  rareTexts,
  unclearReplayText,
  entangledText,
  storeLimitTexts,
  untriedOrderText,
  unclaimedText,
  unfiredText,
  unusedStoreText,
  weakTexts,
} from './report/exploration-remarks.ts'
import { askedText } from './report/exhaustive-words.ts'
import { brokenText, flakyText, leakText, outlivedText, unclearText, valuesText } from './report/unreliable-run.ts'
import { assertOwn } from './saved/known-names.ts'
import type { SavedCounterexample } from './saved/saved-counterexample.ts'
import type { Scenario } from './scenario/scenario.ts'
import { SetupError } from './simulate/setup-error.ts'
import { inTurn } from './simulate/turns.ts'
import { open, type Simulation } from './simulation.ts'
import { assertSystem, type System } from './system/system.ts'
import type { Exhaustive } from './verdict/explored.ts'

const maxShrinkExecutions = 2_000
/** The share of the time after which single faults come first. */
const shareOfOthers = 0.3

/**
 * Explores a system until an invariant is violated, or everything is done; a failure is shrunk. It is what
 * `testResilience` does, without a test framework.
 *
 * @throws SetupError where the set-up is wrong: an unknown URL, real I/O, a factory that throws; an Error for a saved
 *   counterexample of another test
 * @example
 * const assessment = await assess(system, { numRuns: 1_000 })
 * console.log(formatAssessment(assessment, { test: 'an order is charged once' }))
 */
export async function assess(system: System, options: AssessOptions = {}): Promise<Assessment> {
  assertSystem(system, 'assess()')
  assertAssessOptions(options)
  for (const saved of options.saved ?? []) assertOwn(saved, system)
  return inTurn(async () => {
    const simulation = await open(system)
    try {
      return await assessOpen(simulation, options)
    } finally {
      await simulation.close()
    }
  })
}

/** The same for a system that is open already. */
export async function assessOpen(simulation: Simulation, options: AssessOptions): Promise<Assessment> {
  const exploration = new Exploration(simulation, options)
  return (
    (await exploration.replaySaved()) ??
    (await exploration.perfectNetwork()) ??
    (await exploration.explore()) ??
    exploration.conclude()
  )
}

/**
 * The steps of one exploration, each done at most once. A step returns an assessment where the exploration ends with
 * it. Shared by `assess` and `resilience`.
 */
export class Exploration {
  readonly #simulation: Simulation
  readonly #options: AssessOptions & { readonly seed: number; readonly numRuns: number }
  readonly #stopwatch: Stopwatch = startStopwatch()
  /** Whether nobody waits for the result any more, or its time is up. */
  readonly #timeIsUp: Deadline
  readonly #tally: Tally
  readonly #workloads: WorkloadSource
  readonly #pace = new Pace()
  /** The first fault-free run that works: the catalogue of single faults. */
  #perfect: Executed | undefined

  constructor(simulation: Simulation, options: AssessOptions) {
    const { seed = 1, numRuns = fc.readConfigureGlobal().numRuns ?? 100 } = options
    this.#simulation = simulation
    this.#options = { ...options, seed, numRuns }
    const { timeLimitMs = Infinity, stopped } = options
    this.#timeIsUp = () => stopped?.() === true || this.#stopwatch.elapsedMs() > timeLimitMs
    this.#workloads = new WorkloadSource(simulation.system)
    assertWithin(options, simulation)
    this.#tally = new Tally(fold(simulation.system.invariants), simulation.claim, seed)
  }

  /** Saved ones first: what failed once must not fail again. */
  async replaySaved(): Promise<Assessment | undefined> {
    for (const [index, saved] of (this.#options.saved ?? []).entries()) {
      const { allowed } = this.#simulation.claim
      const { executed, moved, unfired, unclaimed, unclear } = await replay(saved.scenario, this.#execute, allowed)
      this.#tally.count({ saved: index + 1 })
      if (unclear !== undefined) this.#tally.remark(unclearReplayText(saved.path, unclear))
      if (unfired.length > 0) this.#tally.remark(unfiredText(saved.path, unfired.length))
      if (unclaimed.length > 0) this.#tally.remark(unclaimedText(saved.path, unclaimed))
      this.#tally.remark(...moved.map(({ words }) => words))
      if (executed.violations.length > 0) return this.#violated(executed, saved)
    }
    return undefined
  }

  /** Without faults: the smallest workload, twice. */
  async perfectNetwork(): Promise<Assessment | undefined> {
    const { seed } = this.#options
    const found = await baseline(this.#explore, this.#workloads.small(seed), seed, (run) => this.#workloads.closed(run))
    this.#tally.countPerfect(found.run, found.executions)
    const outlived = this.#outlived()
    if (outlived !== undefined) return outlived
    if (found.run.violations.length > 0) return this.#violated(found.run)
    if (found.kind === 'broken') return this.#broken(brokenText(found.run.scenario, found.run.history))
    if (found.kind !== 'works') return this.#unreliable(found)
    if (found.values !== undefined) this.#tally.remark(valuesText(found.values))
    this.#perfect = found.run
    return undefined
  }

  /** Everything that starts from the perfect network, side by side: random histories, single faults, no faults. */
  explore(): Promise<Assessment | undefined> {
    const { timeLimitMs = Infinity } = this.#options
    const isScarce = (): boolean => this.#stopwatch.elapsedMs() > shareOfOthers * timeLimitMs
    return this.#ending(this.#strategies().all(isScarce))
  }

  /** The same without random histories, of which nobody knows how many there will be. */
  certify(): Promise<Assessment | undefined> {
    return this.#ending(this.#strategies(Infinity).certificate())
  }

  /** Random histories alone. */
  swarm(): Promise<Assessment | undefined> {
    return this.#ending(this.#strategies().random())
  }

  async #ending(violating: Promise<Executed | undefined>): Promise<Assessment | undefined> {
    const found = await violating
    return found === undefined ? undefined : this.#violated(found)
  }

  #strategies(numRuns: number = this.#options.numRuns): Strategies {
    return new Strategies({
      simulation: this.#simulation,
      options: { ...this.#options, numRuns },
      workloads: this.#workloads,
      tally: this.#tally,
      perfect: this.#perfect,
      explore: this.#explore,
      execute: this.#execute,
      timeIsUp: this.#timeIsUp,
      asks: (asked) => this.#asks(asked),
    })
  }

  /** What `exhaustive` asks for is told once the number of pairs is known, and again once all are. */
  #asks(asked: Exhaustive['asked']): void {
    const { exhaustive, announce } = this.#options
    if (exhaustive === undefined) return
    this.#tally.countAsked(exhaustive, asked)
    const { smallest = [], singles } = this.#tally.explored
    if (exhaustive === 1 || singles.run > 0) announce?.(askedText(asked, smallest, this.#pace.msEach))
  }

  /** A scenario written by hand. */
  async given(scenario: Scenario): Promise<Assessment | undefined> {
    const executed = await this.#explore(scenario)
    return executed.violations.length > 0 ? this.#violated(executed) : undefined
  }

  /** Nothing was violated: does that mean anything? */
  async conclude(): Promise<Assessment> {
    const unreliable = await leaked(this.#execute, this.#perfect)
    const outlived = this.#outlived()
    if (outlived !== undefined) return outlived
    if (unreliable !== undefined) return this.#unreliable(unreliable)
    const { system } = this.#simulation
    const unused = system.stores?.find((store) => store.unseen !== true && !this.#tally.hasUsed(store.name))
    if (unused !== undefined) return this.#broken(unusedStoreText(unused.name))

    const { run, total = run } = this.#tally.explored.swarm
    const { folded, unclear, threwAlone, toldAlone } = this.#tally
    const { passes, remarks } = judge(folded, total - run)
    this.#tally.remark(...remarks)
    const isOfSets = this.#tally.explored.sets !== undefined
    if (unclear !== undefined) this.#tally.remark(unclearText(unclear, unclear.times, isOfSets, toldAlone.length > 0))
    const silent = system.operations.filter(({ name }) => !this.#tally.hasAnswered(name)).map(({ name }) => name)
    if (threwAlone !== undefined) this.#tally.remark(threwAloneText(threwAlone))
    this.#tally.remark(...toldAlone.map(toldAloneText))
    if (silent.length > 0)
      this.#tally.remark(neverOkText(new Map(silent.map((name) => [name, this.#tally.failedEnd(name)]))))

    this.#tally.remark(...neverSeenTexts(system, (effect) => this.#tally.hasSeen(effect)))
    this.#tally.remark(...neverFullTexts(system, (node) => this.#tally.wasFull(node)))
    const untried = this.#tally.untriedStores
    if (untried.length > 0) this.#tally.remark(untriedOrderText(untried))
    const entangled = this.#tally.entangledStores
    if (entangled.length > 0) this.#tally.remark(entangledText(entangled))
    this.#tally.remark(...storeLimitTexts(system))

    const rare = new Set(system.invariants.flatMap(({ name, isRare }) => (isRare === true ? [name] : [])))
    this.#tally.remark(...weakTexts(folded))
    this.#tally.remark(...rareTexts(folded.filter(({ invariant }) => !rare.has(invariant))))

    const unfired = this.#tally.unfired
    if (unfired.length > 0 && run < total) this.#tally.remark(notFiredText(unfired))
    const missed = run < total ? [] : unfired
    const { unfinished, cutShort } = cutTexts(this.#tally.explored, this.#stopwatch.elapsedMs())
    if (cutShort !== undefined) this.#tally.remark(cutShort)
    if (!passes || missed.length > 0 || unclear !== undefined || unfinished !== undefined)
      return this.#result({ kind: 'inconclusive', missed, ...(unfinished === undefined ? {} : { unfinished }) })
    return this.#result({ kind: 'holds' })
  }

  async #violated(executed: Executed, replayed?: SavedCounterexample): Promise<Assessment> {
    const explained = await explainFailure(executed, {
      simulation: this.#simulation,
      execute: this.#execute,
      timeIsUp: this.#timeIsUp,
      workloads: this.#workloads,
      perfect: this.#perfect,
      replayed,
      maxExecutions: this.#options.shrink === false ? 0 : maxShrinkExecutions,
    })
    if (explained === undefined) return this.#outlived() ?? bug('a failure without an explanation')
    if (explained.kind !== 'counterexample') return this.#unreliable(explained)
    const { counterexample, also, executions } = explained
    this.#tally.count({ shrink: executions })
    this.#tally.remark(...storeLimitTexts(this.#simulation.system))
    return this.#result({ kind: 'violated', counterexample, also, ...(replayed === undefined ? {} : { replayed }) })
  }

  #outlived(): Assessment | undefined {
    const outlived = this.#simulation.outlived()
    return outlived === undefined ? undefined : this.#broken(outlivedText(outlived))
  }

  #unreliable({ kind, where }: Unreliable): Assessment {
    return this.#broken(kind === 'leaks' ? leakText(where) : flakyText(where))
  }

  #broken(text: string): Assessment {
    return this.#result({ kind: 'broken', text })
  }

  #result<R extends object>(result: R): R & Assessed {
    const { explored, folded, remarks } = this.#tally
    return { ...result, explored, folded, remarks }
  }

  /** Executes a history that counts for the result. */
  readonly #explore: Execute = async (scenario, options) => {
    const executed = await this.#patience.run(scenario, options)
    this.#tally.add(executed)
    return executed
  }

  readonly #execute: Execute = async (scenario, options = {}) => {
    const stopwatch = startStopwatch()
    const run = await this.#simulation.run(scenario, options)
    this.#pace.took(stopwatch.elapsedMs())
    this.#tally.addMemory(run.survivors, run.shared, run.sharedStores)
    return judgeRun(scenario, run, this.#simulation)
  }

  readonly #patience = new Patience(this.#execute)
}

/** @throws where `exhaustive` asks for more faults than the claim allows in one history */
function assertWithin({ exhaustive = 1 }: AssessOptions, { claim: { atMost } }: Simulation): void {
  if (exhaustive <= atMost) return
  throw new SetupError(
    `exhaustive is ${exhaustive}, and \`tolerates\` allows at most ${atMost} in one history (atMost). Give ` +
      `exhaustive: ${atMost}, or allow more.`,
  )
}
