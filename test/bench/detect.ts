// detect-0 to detect-3: how many executions it takes to find the planted bugs that need so many faults, beside plans
// that are drawn uniformly, on the same seeds and through the same kernel.
import { corpus } from '../quality/corpus.ts'
import type { Planted } from '../quality/planted.ts'
import { quantile } from './alternate.ts'
import { exploration, uniform, type Search, type Searcher } from './first-violation.ts'
import { chanceOfLarger } from './rank-test.ts'
import type { Benchmark, Effort, Result } from './result.ts'
import { scheduled } from './scheduler-baseline.ts'

/** Seeds for each bug, and after how many executions a bug counts as missed. */
interface Amount {
  readonly seeds: number
  readonly executions: number
}

const amounts: Readonly<Record<'quick' | 'full', Amount>> = {
  quick: { seeds: 2, executions: 300 },
  full: { seeds: 30, executions: 2_000 },
}
/** More random histories than there can be executions: the search ends at its limit, and not before. */
const numRuns = 100_000

type BaselineName = 'uniform 2 %' | 'uniform 10 %'
const baselines: Readonly<Record<BaselineName, Searcher>> = {
  'uniform 2 %': uniform(0.02),
  'uniform 10 %': uniform(0.1),
}
const baselineNames: readonly BaselineName[] = ['uniform 2 %', 'uniform 10 %']

/** We are behind a baseline where chance alone would show such a difference less often than this. */
const significance = 0.01

/** The searches of one bug, one for each seed. */
interface Detected {
  readonly bug: Planted
  readonly ours: readonly Search[]
  /** With default options: their budget ends the search. */
  readonly byDefault: readonly Search[]
  readonly baselines: Readonly<Record<BaselineName, readonly Search[]>>
}

/** The benchmark for bugs that need so many faults. */
export function detect(depth: Planted['depth']): Benchmark {
  return async function* ({ quick, bugs = false }: Effort) {
    const amount = quick ? amounts.quick : amounts.full
    const name = `detect-${depth}`
    const all: Detected[] = []
    for (const bug of corpus) {
      if (bug.depth !== depth) continue
      const detected = await detectBug(bug, amount)
      if (bugs) yield rowOf(`${name}: ${bug.name}`, detected, amount)
      all.push(detected)
    }
    if (all.length === 0) {
      console.error(`${name}: the corpus has no such bugs.`)
      return
    }
    yield* summary(name, all, amount)
    yield* besideScheduler(name, all, amount)
  }
}

/** The bugs for which fast-check's scheduler can be used, by it. */
async function* besideScheduler(name: string, all: readonly Detected[], amount: Amount): AsyncGenerator<Result, void> {
  const executions = executionsOf(amount)
  const without = all.filter(({ bug }) => scheduled(bug) === undefined).length
  if (without > 0)
    console.error(
      `${name}: fast-check's scheduler is not tried on ${without} of ${all.length} bugs: it has no clock, no crashes ` +
        'and no instances, and each bug needs an assertion of its own.',
    )
  for (const { bug, ours } of all) {
    const search = scheduled(bug)
    if (search === undefined) continue
    const [value, baseline] = [median(executions(ours)), median(executions(await searches(bug, search, amount)))]
    yield { name: `${name}/scheduler: ${bug.name}`, value, unit: 'executions', baseline, ratio: baseline / value }
  }
}

/** Searches for one bug on each seed. */
export async function detectBug(bug: Planted, amount: Amount): Promise<Detected> {
  const each = (search: Searcher, executions = amount.executions): Promise<readonly Search[]> =>
    searches(bug, search, { ...amount, executions })
  return {
    bug,
    ours: await each(exploration({ numRuns })),
    byDefault: await each(exploration({}), Infinity),
    baselines: {
      'uniform 2 %': await each(baselines['uniform 2 %']),
      'uniform 10 %': await each(baselines['uniform 10 %']),
    },
  }
}

async function searches(bug: Planted, search: Searcher, { seeds, executions }: Amount): Promise<readonly Search[]> {
  const found: Search[] = []
  for (let seed = 1; seed <= seeds; seed++) found.push(await search(bug.system(false), { seed, executions }))
  return found
}

/** One bug: our median, that of the better baseline, and their ratio. */
function rowOf(name: string, detected: Detected, amount: Amount): Result {
  const executions = executionsOf(amount)
  const [value, baseline] = [median(executions(detected.ours)), median(executions(better(detected, executions)))]
  return { name, value, unit: 'executions', baseline, ratio: baseline / value }
}

function* summary(name: string, all: readonly Detected[], amount: Amount): Generator<Result, void> {
  const executions = executionsOf(amount)
  const missed = (found: readonly Search[]): number => found.filter(({ first }) => first === undefined).length
  const ours = all.flatMap((one) => one.ours)
  const best = all.flatMap((one) => better(one, executions))

  yield compared(name, 'executions', all, executions)
  yield shareOf(`${name}/p95`, 'executions', quantile(executions(ours), 0.95), quantile(executions(best), 0.95))
  yield compared(`${name}/cpu`, 'ms', all, cpuMs)
  for (const baseline of baselineNames) {
    const value = median(all.map((one) => median(executions(one.baselines[baseline]))))
    const lost = missed(all.flatMap((one) => one.baselines[baseline]))
    yield { name: `${name}/${baseline}`, value, unit: 'executions', baseline: lost, ratio: 1 - lost / ours.length }
  }
  yield {
    name: `${name}/missed`,
    value: missed(ours),
    unit: `of ${ours.length} searches of ${amount.executions} executions`,
    baseline: missed(best),
    ratio: 1 - missed(ours) / ours.length,
  }
  const byDefault = all.flatMap((one) => one.byDefault)
  const found = byDefault.length - missed(byDefault)
  yield {
    name: `${name}/default options`,
    value: found,
    unit: 'found',
    baseline: byDefault.length,
    ratio: found / byDefault.length,
  }
  const behind = all.filter((one) => isBehind(one, executions))
  for (const one of behind)
    console.error(`${name}: behind the better baseline: ${JSON.stringify(rowOf(one.bug.name, one, amount))}`)
  yield {
    name: `${name}/behind`,
    value: behind.length,
    unit: 'bugs',
    baseline: all.length,
    ratio: behind.length / all.length,
  }
}

/** Medians over the bugs of medians over the seeds; the ratio is the geometric mean of the bugs' ratios. */
function compared(name: string, unit: string, all: readonly Detected[], measure: Measure): Result {
  const medians = all.map((one) => ({
    ours: median(measure(one.ours)),
    baseline: median(measure(better(one, measure))),
  }))
  const logs = medians.map(({ ours, baseline }) => Math.log(baseline / ours))
  return {
    name,
    value: median(medians.map(({ ours }) => ours)),
    unit,
    baseline: median(medians.map(({ baseline }) => baseline)),
    ratio: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length),
  }
}

function shareOf(name: string, unit: string, value: number, baseline: number): Result {
  return { name, value, unit, baseline, ratio: baseline / value }
}

/** Something measured in each search. */
type Measure = (found: readonly Search[]) => readonly number[]

/** A search that missed the bug counts as one that found it at its limit: at least so many were needed. */
function executionsOf({ executions }: Amount): Measure {
  return (found) => found.map(({ first }) => first?.executions ?? executions)
}

const cpuMs: Measure = (found) => found.map((search) => search.first?.cpuMs ?? search.cpuMs)

/** The searches of the baseline that was faster on this bug. */
function better({ baselines }: Detected, measure: Measure): readonly Search[] {
  const mean = (found: readonly Search[]): number => measure(found).reduce((sum, one) => sum + one, 0) / found.length
  const rank = (one: BaselineName): readonly [number, number] => [median(measure(baselines[one])), mean(baselines[one])]
  const [first] = baselineNames.toSorted((a, b) => {
    const [[medianA, meanA], [medianB, meanB]] = [rank(a), rank(b)]
    return medianA - medianB || meanA - meanB
  })
  return first === undefined ? [] : baselines[first]
}

/** Whether we need more executions than some baseline, beyond what chance explains. */
function isBehind({ ours, baselines }: Detected, executions: Measure): boolean {
  return baselineNames.some((name) => chanceOfLarger(executions(ours), executions(baselines[name])) < significance)
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}
