// minimal: what it takes to shrink swarm failures of the planted bugs, polish included, and whether they end at the
// best size known: that of the corpus, or of whatever smaller failure was found.
import { corpus } from '../quality/corpus.ts'
import type { Planted } from '../quality/planted.ts'
import type { Executed } from '../../src/explore/executor.ts'
import { sameViolation } from '../../src/explore/violation.ts'
import { orderOf } from '../../src/scenario/plan.ts'
import type { CandidateOutcome, ListedScenario } from '../../src/shrink/candidate.ts'
import { compareSize } from '../../src/shrink/compare-size.ts'
import { minimise } from '../../src/shrink/minimise.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import { boundsOf } from '../../src/system/system.ts'
import { quantile } from './alternate.ts'
import type { Effort, Result } from './result.ts'
import { executing, SwarmFailures, type SwarmFailure } from './swarm-failures.ts'

const amounts = { quick: { failures: 1, tries: 40 }, full: { failures: 5, tries: 2_000 } } as const
const firedAtLeast = 3
/** As property.ts bounds it. */
const maxExecutions = 2_000

/** One failure, shrunk. */
interface Shrunk {
  readonly executions: number
  readonly scenario: ListedScenario
}

/** The failures of one bug, shrunk. */
export interface ShrunkBug {
  readonly bug: Planted
  readonly shrunk: readonly Shrunk[]
  /** The smallest of all, that of the corpus included. */
  readonly best: ListedScenario
}

/**
 * `minimal`: median executions, and the share that ends with as few faults, late changes, operations and clients as
 * the best known; `minimal/p90`: executions; `minimal/exact`: the share whose times and inputs are the smallest too.
 */
export async function* minimal({ quick, bugs = false }: Effort): AsyncGenerator<Result, void> {
  const amount = quick ? amounts.quick : amounts.full
  const all: ShrunkBug[] = []
  for (const bug of corpus) {
    const one = await shrinkPlanted(bug, amount)
    for (const line of remarksOn(one)) console.error(`minimal: ${bug.name}: ${line}`)
    if (bugs && one.shrunk.length > 0) yield resultOf(`minimal: ${bug.name}`, [one], 0.5, isSmallest)
    all.push(one)
  }
  yield resultOf('minimal', all, 0.5, isSmallest)
  yield resultOf('minimal/p90', all, 0.9, isSmallest)
  yield resultOf('minimal/exact', all, 0.5, isExact)
}

/** `baseline`: how many failures were shrunk; `ratio`: the share that ended at the best known size. */
function resultOf(name: string, all: readonly ShrunkBug[], share: number, isBest: typeof isExact): Result {
  const shrunk = all.flatMap((one) => one.shrunk.map((each) => ({ ...each, best: one.best })))
  return {
    name,
    value: quantile(
      shrunk.map(({ executions }) => executions),
      share,
    ),
    unit: 'executions',
    baseline: shrunk.length,
    ratio: shrunk.filter(({ scenario, best }) => isBest(scenario, best)).length / shrunk.length,
  }
}

/** Finds failures of a bug that are as the corpus says, and shrinks each. */
export async function shrinkPlanted(
  bug: Planted,
  { failures, tries }: { readonly failures: number; readonly tries: number },
): Promise<ShrunkBug> {
  const simulation = await open(bug.system(false))
  try {
    const smallest = listedOf(bug)
    const { violations } = await executing(simulation)(smallest, { patient: true })
    if (violations.length === 0) throw new Error(`${bug.name}: its smallest scenario violates nothing.`)
    const swarm = new SwarmFailures(simulation)
    const found = await swarm.find({ failures, tries, fired: firedAtLeast, violations })
    const shrunk: Shrunk[] = []
    for (const failure of found) shrunk.push(await shrinkOne(simulation, failure, swarm))
    const sizes = [smallest, ...shrunk.map(({ scenario }) => scenario)]
    return { bug, shrunk, best: sizes.reduce((best, one) => (compareSize(one, best) < 0 ? one : best)) }
  } finally {
    await simulation.close()
  }
}

function listedOf({ name, smallest }: Planted): ListedScenario {
  const { plan } = smallest
  if (plan.kind !== 'listed') throw new Error(`${name}: its smallest scenario has a drawn plan.`)
  return { ...smallest, plan }
}

async function shrinkOne(simulation: Simulation, failure: SwarmFailure, swarm: SwarmFailures): Promise<Shrunk> {
  const { start, violation, patient } = failure
  const execute = executing(simulation)
  const index = simulation.system.invariants.indexOf(violation.invariant)
  const outcomeOf = ({ violations, verdicts, fired, sites }: Executed): CandidateOutcome => ({
    fails: violations.some((other) => sameViolation(other, violation)),
    verdict: verdicts[index]?.kind ?? 'unknown',
    fired,
    sites,
  })
  const run = async (scenario: ListedScenario): Promise<CandidateOutcome> =>
    outcomeOf(await execute(scenario, { collect: true, patient }))
  const outcome = await run(start)
  if (!outcome.fails) throw new Error(`Bug: the listed plan of seed ${failure.seed} does not fail as the drawn one did`)
  const workloads = swarm.workloadsOf(failure)
  return minimise(start, outcome, {
    run,
    allowed: simulation.claim.allowed,
    clients: boundsOf(simulation.system).clients,
    maxExecutions,
    deadline: () => false,
    inputs: (invocation) => workloads.smallerInputs(invocation),
  })
}

/** Whether it has no more parts than the best: faults, late changes, operations, clients. */
function isSmallest(scenario: ListedScenario, best: ListedScenario): boolean {
  const [own, least] = [partsOf(scenario), partsOf(best)]
  const different = own.findIndex((count, part) => count !== least[part])
  return different < 0 || (own[different] ?? 0) < (least[different] ?? 0)
}

function isExact(scenario: ListedScenario, best: ListedScenario): boolean {
  return compareSize(scenario, best) <= 0
}

function partsOf({ plan, workload: { invocations } }: ListedScenario): readonly number[] {
  const clients = new Set(invocations.map(({ client }) => client))
  return [plan.faults.length, orderOf(plan).length, invocations.length, clients.size]
}

function remarksOn({ bug, shrunk, best }: ShrunkBug): readonly string[] {
  if (shrunk.length === 0) return ['no swarm history fails as its smallest scenario does.']
  const larger = shrunk.filter(({ scenario }) => !isSmallest(scenario, best))
  return [
    ...(compareSize(best, listedOf(bug)) < 0 ? [`smaller than the corpus says: ${JSON.stringify(best)}`] : []),
    ...larger.map(({ scenario }) => `ended at ${sizeText(scenario)}, and not at ${sizeText(best)}`),
  ]
}

function sizeText(scenario: ListedScenario): string {
  const [faults, late, operations, clients] = partsOf(scenario)
  const kinds = scenario.plan.faults.map(({ kind }) => kind).join(', ')
  return `${faults} faults (${kinds}), ${late} late changes, ${operations} operations, ${clients} clients`
}
