// The loop on one screen: saved counterexamples, the perfect network, every single fault, swarm; the first failure is
// confirmed, shrunk and explained. Ties exploring, simulating, checking and shrinking together; knows no test
// framework.
import type { AssessOptions, Assessed, Assessment } from './assessment.ts'
import { check } from './check/check.ts'
import { fold, judge } from './check/fold.ts'
import { baseline, type Baseline } from './explore/baseline.ts'
import type { Execute, Executed, Violated } from './explore/executor.ts'
import { leaked, unconfirmed, type Unlike } from './explore/leak.ts'
import { Patience } from './explore/patience.ts'
import { singles } from './explore/singles.ts'
import { swarm } from './explore/swarm.ts'
import { chosen, same } from './explore/violation.ts'
import type { Explored } from './verdict/explored.ts'
import type { FaultKind } from './scenario/fault/registry.ts'
import { Shrinkers } from './generate/values.ts'
import { randomWorkload, smallWorkload } from './generate/workload.ts'
import { completionsOf } from './history/history.ts'
import { assertOwn } from './saved/known-names.ts'
import { listed, noFaults } from './scenario/plan.ts'
import { hash32 } from './plain/random.ts'
import { reanchor } from './scenario/reanchor.ts'
import type { SavedCounterexample } from './saved/saved.ts'
import type { Scenario } from './scenario/scenario.ts'
import type { Listed, Outcome } from './shrink/candidate.ts'
import { Memo } from './shrink/memo.ts'
import { minimise } from './shrink/minimise.ts'
import { necessity } from './shrink/necessity.ts'
import { neighbour } from './shrink/neighbour.ts'
import { open, type Simulation } from './simulation.ts'
import { assertSystem, workloadDefaults, type System } from './system/system.ts'
import { brokenText, flakyText, leakText, unclearText, valuesText } from './report/unreliable-run.ts'

const maxShrinkExecutions = 2_000
/** Larger fault-free workloads, for bugs that need no fault. */
const perfectWorkloads = 10
/** Inputs tried until the system answers ok throughout. */
const baselineInputs = 8

/**
 * Explores a system until something is violated, which is then shrunk, or all is done. What `testResilience` does,
 * without a test framework.
 *
 * @throws SetupError where the set-up is wrong: an unknown URL, real I/O, a factory that throws; an Error for a saved
 *   counterexample of
 *   another test
 * @example
 * const assessment = await assess(system, { numRuns: 1_000 })
 * console.log(formatAssessment(assessment, { test: 'an order is charged once' }))
 */
export async function assess(system: System, options: AssessOptions = {}): Promise<Assessment> {
  assertSystem(system, 'assess()')
  for (const saved of options.saved ?? []) assertOwn(saved, system)
  const simulation = await open(system)
  try {
    return await assessOpen(simulation, options)
  } finally {
    await simulation.close()
  }
}

/** The same for a system that is open already. */
export async function assessOpen(simulation: Simulation, options: AssessOptions): Promise<Assessment> {
  const exploration = new Exploration(simulation, options)
  return (
    (await exploration.replaySaved()) ??
    (await exploration.perfectNetwork()) ??
    (await exploration.faults()) ??
    exploration.conclude()
  )
}

/**
 * The steps of one exploration, each done at most once: what they find adds up. Shared by `assess` and `resilience`.
 */
export class Exploration {
  readonly #simulation: Simulation
  readonly #options: AssessOptions & { readonly seed: number }
  readonly #shrinkers = new Shrinkers()
  readonly #fold
  readonly #remarks: string[] = []
  readonly #usedStores = new Set<string>()
  readonly #fired: Partial<Record<FaultKind, number>> = {}
  readonly #survivors: string[] = []
  readonly #shared: string[] = []
  readonly #startMs = performance.now()
  #explored: Explored
  #perfect: Executed | undefined
  #truncated = false
  /** Single faults after which nothing could be said. */
  #unclear: readonly Executed[] = []
  readonly #answered = new Set<string>()

  constructor(simulation: Simulation, options: AssessOptions) {
    this.#simulation = simulation
    const { seed = 1, numRuns = 100 } = options
    if (!Number.isInteger(numRuns) || numRuns < 0) throw new Error(`numRuns is ${numRuns}; give a whole number from 0.`)
    this.#options = { ...options, seed }
    this.#fold = fold(simulation.system.invariants)
    this.#explored = {
      saved: 0,
      perfect: { run: 0, violated: 0 },
      singles: { run: 0, violated: 0, total: 0 },
      swarm: { run: 0, violated: 0 },
      shrink: 0,
      fired: this.#fired,
      allowed: simulation.claim.kinds,
      seed,
      survivors: this.#survivors,
      shared: this.#shared,
    }
  }

  /** Saved ones first: what failed once must not fail again. */
  async replaySaved(): Promise<Assessment | undefined> {
    for (const saved of this.#options.saved ?? []) {
      const executed = await this.#reproduce(saved)
      if (executed.violations.length > 0) return this.#violated(executed, saved)
    }
    return undefined
  }

  async #reproduce(saved: SavedCounterexample): Promise<Executed> {
    const { scenario } = saved
    const executed = await this.#execute(scenario, { collect: true, patient: true })
    const unclear = executed.verdicts.find(({ kind }) => kind === 'unknown')?.reasons[0]?.text
    if (unclear !== undefined)
      this.#remarks.push(
        `${saved.path}: nothing could be said of it (${unclear}). If its inputs no longer fit the operation, ` +
          'delete it.',
      )
    this.#count({ saved: this.#explored.saved + 1 })
    if (executed.violations.length > 0 || scenario.plan.kind !== 'listed') return executed
    const unfired = scenario.plan.faults.filter((fault) => !executed.fired.includes(fault))
    for (const { plan, moved } of unfired.length === 0 ? [] : reanchor(scenario.plan, unfired, executed.sites)) {
      const again = await this.#execute({ ...scenario, plan }, { collect: true, patient: true })
      if (again.violations.length === 0) continue
      this.#remarks.push(...moved.map(({ words }) => words))
      return again
    }
    if (unfired.length > 0)
      this.#remarks.push(
        `${saved.path}: ${unfired.length} of its faults did not fire any more, and nothing was violated. Delete ` +
          'it if the call is gone.',
      )
    return executed
  }

  /** Fault-free: the smallest workload twice, and larger ones. */
  async perfectNetwork(): Promise<Assessment | undefined> {
    const found = await baseline(this.#explore, this.#smallWorkloads(), this.#options.seed)
    this.#countPerfect(found.run, found.executions)
    if (found.run.violations.length > 0) return this.#violated(found.run)
    if (found.kind !== 'works') return this.#broken(found)
    if (found.values !== undefined) this.#remarks.push(valuesText(found.values))
    this.#perfect = found.run
    for (let n = 0; n < perfectWorkloads && !this.#timeIsUp(); n++) {
      const run = await this.#explore({
        workload: this.#workload(hash32(this.#options.seed, `perfect ${n}`) | 0),
        plan: noFaults,
        seed: this.#options.seed,
      })
      this.#countPerfect(run, 1)
      if (run.violations.length > 0) return this.#violated(run)
    }
    return undefined
  }

  *#smallWorkloads(): Generator<Scenario['workload'], void> {
    const { operations } = this.#simulation.system
    yield smallWorkload(this.#options.seed, operations, 'smallest', this.#shrinkers)
    for (let n = 0; n < baselineInputs; n++)
      yield smallWorkload(hash32(this.#options.seed, `baseline ${n}`) | 0, operations, 'drawn', this.#shrinkers)
  }

  #workload(seed: number): Scenario['workload'] {
    const {
      operations,
      clients = workloadDefaults.clients,
      maxOperations = workloadDefaults.maxOperations,
    } = this.#simulation.system
    return randomWorkload(seed, { operations, clients, maxOperations }, this.#shrinkers)
  }

  /** Every single fault, then many at once. */
  async faults(): Promise<Assessment | undefined> {
    const found = (await this.singles()) ?? (await this.swarm())
    const { singles: one, swarm: many } = this.#explored
    const { numRuns = 100 } = this.#options
    if (found !== undefined || (!this.#truncated && many.run === numRuns)) return found
    this.#remarks.push(
      `Time ran out after ${one.run} of ${one.total} single faults and ${many.run} of ${numRuns} random ` +
        `histories: raise the test's timeout, or lower numRuns.`,
    )
    return undefined
  }

  /** A scenario by hand. */
  async given(scenario: Scenario): Promise<Assessment | undefined> {
    const executed = await this.#explore(scenario)
    return executed.violations.length > 0 ? this.#violated(executed) : undefined
  }

  /** Every single fault, once the perfect network is known. */
  async singles(): Promise<Assessment | undefined> {
    const {
      claim: { allows },
    } = this.#simulation
    if (this.#perfect === undefined) return undefined
    const one = await singles(this.#explore, this.#perfect, allows, () => this.#timeIsUp())
    this.#count({ singles: { run: one.run, total: one.total, violated: one.violating.length } })
    this.#unclear = one.unclear
    this.#truncated = one.run < one.total
    const [smallest] = one.violating
    return smallest === undefined ? undefined : this.#violated(smallest)
  }

  /** Many faults at once, on larger workloads. */
  async swarm(): Promise<Assessment | undefined> {
    const {
      claim: { allows, kinds },
    } = this.#simulation
    const { numRuns = 100, seed } = this.#options
    const many = await swarm(
      this.#explore,
      { seed, numRuns, kinds, allowed: allows, probe: this.#execute, workload: (one) => this.#workload(one) },
      () => this.#timeIsUp(),
    )
    this.#count({ swarm: { run: many.run, violated: many.violating === undefined ? 0 : 1 } })
    return many.violating === undefined ? undefined : this.#violated(many.violating)
  }

  /** Nothing was violated: does that mean anything? */
  async conclude(): Promise<Assessment> {
    const differs = await leaked(this.#execute, this.#perfect)
    if (differs !== undefined) return this.#unlike(differs)
    const {
      system: { operations, stores = [] },
      claim,
    } = this.#simulation
    const unused = stores.find((store) => !this.#usedStores.has(store.name))
    if (unused !== undefined) {
      return this.#result({
        kind: 'broken',
        text:
          `Store "${unused.name}" saw no call in any history. Is it the instance that the handler uses? A store ` +
          'that is never used cannot be crashed, and should not be registered.',
      })
    }
    const folded = this.#fold.result()
    const { passes, remarks } = judge(folded)
    this.#remarks.push(...remarks)
    for (const { scenario, verdicts } of this.#unclear.slice(0, 1))
      this.#remarks.push(unclearText(scenario, verdicts, this.#unclear.length))
    const silent = operations.filter(({ name }) => !this.#answered.has(name)).map(({ name }) => name)
    if (silent.length > 0)
      this.#remarks.push(`${silent.join(', ')}: never answered ok in any history, so that nothing was tried there.`)
    const missed = claim.named ? claim.kinds.filter((kind) => (this.#fired[kind] ?? 0) === 0) : []
    if (!passes || missed.length > 0 || this.#truncated || this.#unclear.length > 0)
      return this.#result({ kind: 'inconclusive', missed })
    return this.#result({ kind: 'holds' })
  }

  /** Confirms as the first history after a fresh start, shrinks and explains a failure. */
  async #violated(executed: Executed, replayed?: SavedCounterexample): Promise<Assessment> {
    const scenario: Listed = { ...executed.scenario, plan: listed(executed.fired) }
    const { patient } = executed // loops end as they did when it was found
    await this.#simulation.reopen()
    const confirmed = await this.#execute(scenario, { collect: true, patient })
    const differs = (await leaked(this.#execute, this.#perfect)) ?? unconfirmed(executed, confirmed)
    if (differs !== undefined) return this.#unlike(differs)
    const violation = chosen(confirmed, replayed?.violated)
    const { system, claim } = this.#simulation
    const index = system.invariants.indexOf(violation.invariant)
    const memo = new Memo(async (candidate) =>
      outcomeOf(await this.#execute(candidate, { collect: true, patient }), violation, index),
    )
    const small = await minimise(scenario, outcomeOf(confirmed, violation, index), {
      run: (candidate) => memo.run(candidate),
      memo,
      allows: claim.allows,
      maxExecutions: this.#options.shrink === false ? 0 : maxShrinkExecutions,
      deadline: () => this.#timeIsUp(),
      inputs: ({ operation, input }) => {
        const known = system.operations.find(({ name }) => name === operation)
        return known === undefined ? [] : this.#shrinkers.smaller(operation, known.arbitrary, input)
      },
    })
    const run = (candidate: Listed): Promise<Outcome> => memo.run(candidate)
    const needed = await necessity(small.scenario, run)
    const nearest = await neighbour(small.scenario, small.outcome, run)
    this.#count({ shrink: memo.executions + 1 })
    const told = await this.#execute(small.scenario, { annotate: true, patient })
    const reason = told.violations.find((other) => same(other, violation))?.reason ?? violation.reason
    const also = told.violations.filter((other) => other.invariant !== violation.invariant)
    return this.#result({
      kind: 'violated',
      also: also.map((other) => other.reason),
      ...(replayed === undefined ? {} : { replayed }),
      counterexample: {
        scenario: small.scenario,
        history: told.history,
        violation: { invariant: violation.invariant.name, reason },
        necessity: needed,
        executions: small.executions,
        ...(nearest === undefined ? {} : { nearest }),
        ...(small.unfinished === undefined ? {} : { unfinished: small.unfinished }),
      },
    })
  }

  #broken(found: Exclude<Baseline, { readonly kind: 'works' }>): Assessment {
    if (found.kind !== 'broken') return this.#unlike(found)
    return this.#result({ kind: 'broken', text: brokenText(found.run.scenario, found.run.history) })
  }

  #unlike({ kind, where }: Unlike): Assessment {
    return this.#result({ kind: 'broken', text: kind === 'leaks' ? leakText(where) : flakyText(where) })
  }

  #result<R extends object>(result: R): R & Assessed {
    return { ...result, explored: this.#explored, folded: this.#fold.result(), remarks: this.#remarks }
  }

  #count(counts: Partial<Explored>): void {
    this.#explored = { ...this.#explored, ...counts }
  }

  #countPerfect({ violations }: Executed, executions: number): void {
    const { run, violated } = this.#explored.perfect
    this.#count({ perfect: { run: run + executions, violated: violated + (violations.length > 0 ? 1 : 0) } })
  }

  #timeIsUp(): boolean {
    const { timeLimitMs, stopped } = this.#options
    return stopped?.() === true || (timeLimitMs !== undefined && performance.now() - this.#startMs > timeLimitMs)
  }

  readonly #execute: Execute = async (scenario, options = {}) => {
    const { history, sites, fired, survivors, shared, circled } = await this.#simulation.run(scenario, options)
    this.#survivors.push(...survivors.filter((node) => !this.#survivors.includes(node)))
    this.#shared.push(...shared.filter((node) => !this.#shared.includes(node)))
    const { invariants } = this.#simulation.system
    const verdicts = check(history, invariants)
    const violations = invariants.flatMap((invariant, index): Violated[] => {
      const verdict = verdicts[index]
      const reason = verdict?.kind === 'violated' ? verdict.reasons[0] : undefined
      return reason === undefined ? [] : [{ invariant, reason }]
    })
    return { scenario, history, sites, fired, verdicts, violations, circled, patient: options.patient ?? false }
  }

  readonly #patience = new Patience(this.#execute)

  /** Executes a history that counts for the result. */
  readonly #explore: Execute = async (scenario, options) => {
    const executed = await this.#patience.run(scenario, options)
    this.#fold.add(executed.verdicts)
    for (const { kind, operation } of completionsOf(executed.history)) if (kind === 'ok') this.#answered.add(operation)
    for (const { kind } of executed.fired) this.#fired[kind] = (this.#fired[kind] ?? 0) + 1
    if (this.#usedStores.size < (this.#simulation.system.stores?.length ?? 0)) {
      for (const event of executed.history.events) if (event.kind === 'store') this.#usedStores.add(event.address.to)
    }
    return executed
  }
}

function outcomeOf({ violations, verdicts, fired, sites }: Executed, violation: Violated, index: number): Outcome {
  return {
    fails: violations.some((other) => same(other, violation)),
    verdict: verdicts[index]?.kind ?? 'unknown',
    fired,
    sites,
  }
}
