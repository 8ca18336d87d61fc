// Fills the tolerance table: every single fault of each kind on the smallest workload, random histories with one kind
// alone, and the same workloads without faults. Unlike a test it does not stop at the first violation. Ties exploring,
// judging and shrinking together.
import { explainFailure, judgeRun } from '../explain-failure.ts'
import { baseline } from '../explore/baseline.ts'
import { drawnPlan } from '../explore/drawn-plan.ts'
import type { Execute, Executed } from '../explore/executor.ts'
import { nextFaults } from '../explore/fault-sets.ts'
import { Patience } from '../explore/patience.ts'
import { WorkloadSource } from '../generate/workload-source.ts'
import { drawnBy, learn } from '../learn.ts'
import { assertNumber, assertOptions } from '../plain/options.ts'
import { hash32 } from '../plain/random.ts'
import { brokenText, flakyText, leakText } from '../report/unreliable-run.ts'
import { listed, noFaults } from '../scenario/plan.ts'
import { SetupError } from '../simulate/setup-error.ts'
import { inTurn } from '../simulate/turns.ts'
import { open, type Simulation } from '../simulation.ts'
import { assertSystem, type System } from '../system/system.ts'
import type { Counterexample } from '../verdict/counterexample.ts'
import { RowTally } from './row-tally.ts'
import type { ToleranceRow, ToleranceTable } from './table.ts'
import { rowWords, wrongWords } from './words.ts'

/** How a table is filled. */
export interface ToleranceOptions {
  /** Equal seeds give equal tables. @default 1 */
  readonly seed?: number
  /** Random histories for each kind of fault, besides all single faults. A whole number from 0. @default 10 */
  readonly numRuns?: number
}

/** A table, and the counterexamples behind its cells. */
export interface FilledTolerance {
  readonly table: ToleranceTable
  /** The counterexample of a cell that is violated, shrunk and explained; undefined where it cannot be shown again. */
  explain(fault: ToleranceRow['fault'], invariant: string): Promise<Counterexample | undefined>
}

const known: Record<keyof ToleranceOptions, true> = { seed: true, numRuns: true }

/** The most executions to shrink what only random histories show. */
const toShrink = 400

/**
 * What a system does under each kind of fault that its claim has, beside what it does without: which invariants hold,
 * how many operations are answered, how late, and on how old data. Every single fault of each kind is tried on the
 * smallest workload, so that a cell which holds is certain for these; random histories with that kind alone come on
 * top.
 *
 * @throws where the system does not work without faults, or its set-up is wrong
 * @example
 * console.log(formatTolerance(await toleranceOf(system)))
 */
export async function toleranceOf(system: System, options: ToleranceOptions = {}): Promise<ToleranceTable> {
  return withTolerance(system, options, ({ table }) => Promise.resolve(table))
}

/** Fills a table, and gives it to `use` while the system is open. */
export async function withTolerance<T>(
  system: System,
  options: ToleranceOptions,
  use: (filled: FilledTolerance) => Promise<T>,
): Promise<T> {
  assertSystem(system, 'toleranceOf()')
  assertOptions('toleranceOf()', options, known)
  assertNumber('toleranceOf(): seed', options.seed, 'a whole number')
  assertNumber('toleranceOf(): numRuns', options.numRuns, 'a whole number from 0')
  return inTurn(async () => {
    const simulation = await open(system)
    try {
      return await use(await fill(simulation, options))
    } finally {
      await simulation.close()
    }
  })
}

async function fill(simulation: Simulation, { seed = 1, numRuns = 10 }: ToleranceOptions): Promise<FilledTolerance> {
  const { system, claim } = simulation
  const { invariants } = system
  const execute: Execute = async (scenario, given) =>
    judgeRun(scenario, await simulation.run(scenario, given), simulation)
  const { run } = new Patience(execute)
  const workloads = new WorkloadSource(system)
  const perfect = await workingRun(run, workloads, seed)
  await learn(system, workloads, execute)
  const { workload, about } = drawnBy(workloads)
  const drawn = Array.from({ length: numRuns }, (_, turn) => {
    const own = hash32(seed, `tolerance ${turn}`) | 0
    const aboutMs = about(own, turn)
    return { own, turn, aboutMs, workload: workload(own, aboutMs) }
  })

  const without = new RowTally('none', invariants.length)
  without.add(perfect, 'single')
  for (const one of drawn) without.add(await run({ workload: one.workload, plan: noFaults, seed }), 'random')

  const singles = Map.groupBy(nextFaults(perfect, claim.allowed), ({ kind }) => kind)
  const tallies: RowTally[] = []
  for (const kind of claim.kinds) {
    const tally = new RowTally(kind, invariants.length)
    tallies.push(tally)
    for (const fault of singles.get(kind) ?? [])
      tally.add(await run({ ...perfect.scenario, plan: listed([fault]) }), 'single')
    for (const { own, turn, aboutMs, workload: larger } of drawn)
      tally.add(await run({ workload: larger, plan: drawnPlan(own, [kind], { turn, aboutMs }), seed }), 'random')
  }

  const explain = async (failed: Executed): Promise<Counterexample | undefined> => {
    const explained = await explainFailure(failed, {
      simulation,
      execute,
      timeIsUp: () => false,
      workloads,
      perfect,
      replayed: undefined,
      maxExecutions: toShrink,
    })
    return explained?.kind === 'counterexample' ? explained.counterexample : undefined
  }
  const shrinking = { without, perfect, invariants: invariants.map(({ name }) => name), explain, run }
  for (const tally of tallies) await shrinkIn(tally, shrinking)
  return {
    table: tableOf(system, without, tallies),
    explain(fault, name) {
      const tally = [without, ...tallies].find((one) => one.fault === fault)
      const failed = tally?.smallest(invariants.findIndex((one) => one.name === name))
      return failed === undefined ? Promise.resolve(undefined) : explain(failed)
    },
  }
}

/** The smallest workload that works, with the sites of its single faults. @throws where nothing works */
async function workingRun(run: Execute, workloads: WorkloadSource, seed: number): Promise<Executed> {
  const found = await baseline(run, workloads.small(seed), seed, (works) => workloads.closed(works))
  if (found.kind === 'works') return found.run
  throw new SetupError(
    found.kind === 'broken'
      ? brokenText(found.run.scenario, found.run.history)
      : found.kind === 'leaks'
        ? leakText(found.where)
        : flakyText(found.where),
  )
}

/**
 * What only random histories violate is made small: by itself no reader could use it. What then needs no fault is
 * violated without faults, too, though no history without them has shown it.
 */
async function shrinkIn(tally: RowTally, { without, perfect, invariants, explain, run }: RowShrinking): Promise<void> {
  for (const [index, name] of invariants.entries()) {
    const failed = tally.smallest(index)
    if (failed === undefined || failed.scenario.workload === perfect.scenario.workload) continue
    const smaller = await explain(failed)
    if (smaller?.violation.invariant !== name) continue
    const executed = await run(smaller.scenario)
    tally.shrunk(index, executed)
    if (executed.fired.length === 0 && without.smallest(index) === undefined) without.add(executed, 'random')
  }
}

/** What shrinking is done with. */
interface RowShrinking {
  readonly without: RowTally
  readonly perfect: Executed
  /** Their names. */
  readonly invariants: readonly string[]
  readonly explain: (failed: Executed) => Promise<Counterexample | undefined>
  readonly run: Execute
}

function tableOf(system: System, without: RowTally, tallies: readonly RowTally[]): ToleranceTable {
  const perfect = without.row()
  const finish = (tally: RowTally): ToleranceRow => {
    const row = tally.row()
    const wrong = row.cells.flatMap(({ result }, index) => {
      const isOwn = tally === without || perfect.cells[index]?.result !== 'violated'
      const reason = tally.smallest(index)?.verdicts[index]?.reasons[0]
      const name = system.invariants[index]?.name ?? ''
      return result === 'violated' && isOwn && reason !== undefined ? [wrongWords(name, reason)] : []
    })
    return { ...row, ...rowWords(row, [...new Set(wrong)], perfect.service) }
  }
  return {
    invariants: system.invariants.map(({ name }) => name),
    perfect: finish(without),
    rows: tallies.map(finish),
  }
}
