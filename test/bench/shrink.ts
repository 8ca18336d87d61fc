// shrink: what it takes to shrink a swarm failure of 5 or more fired faults and 5 or more operations, and whether it
// ends at the true minimum. Histories are found and minimised as property.ts does it.
import { drawnPlan } from '../../src/explore/drawn-plan.ts'
import { Shrinkers } from '../../src/generate/values.ts'
import { randomWorkload } from '../../src/generate/workload.ts'
import { listed } from '../../src/scenario/plan.ts'
import { hash32 } from '../../src/plain/random.ts'
import type { ListedScenario } from '../../src/shrink/candidate.ts'
import { Memo } from '../../src/shrink/memo.ts'
import { minimise } from '../../src/shrink/minimise.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import type { System } from '../../src/system/system.ts'
import { quantile } from './alternate.ts'
import { judged, outcomeOf, type Violation } from './judged.ts'
import { compareSizes, trueMinimum, type Size } from './minimum.ts'
import type { Effort, Result } from './result.ts'
import { broken } from './systems.ts'
import { failureName } from '../../src/verdict/reason.ts'

const failures = { quick: 10, full: 30 }
const atLeast = { faults: 5, operations: 5 }
const maxOperations = 8
/** Histories tried until a bug has shown itself often enough. */
const maxTries = 20_000
/** As property.ts bounds it. */
const maxExecutions = 2_000

/** One failure, shrunk. */
interface Shrunk {
  readonly bug: string
  readonly seed: number
  readonly executions: number
  readonly size: Size
  readonly minimum: Size
}

export async function* shrinkBenchmark({ quick }: Effort): AsyncGenerator<Result, void> {
  const all: Shrunk[] = []
  for (const [bug, system] of Object.entries(broken)) {
    const shrunk = await shrinkBug(bug, system, quick ? failures.quick : failures.full)
    for (const one of shrunk) if (!isMinimal(one)) console.error(missedLine(one))
    if (shrunk.length > 0) yield resultOf(`shrink/${bug}`, shrunk)
    all.push(...shrunk)
  }
  yield resultOf('shrink', all)
}

/** `baseline`: how many failures were shrunk; `ratio`: the share that ended at the true minimum. */
function resultOf(name: string, shrunk: readonly Shrunk[]): Result {
  const executions = shrunk.map((one) => one.executions)
  return {
    name,
    value: quantile(executions, 0.5),
    unit: 'executions',
    baseline: shrunk.length,
    ratio: shrunk.filter(isMinimal).length / shrunk.length,
  }
}

function isMinimal({ size, minimum }: Shrunk): boolean {
  return compareSizes(size, minimum) <= 0
}

function missedLine({ bug, seed, size, minimum }: Shrunk): string {
  return `shrink: ${bug}, seed ${seed}: ended at ${sizeText(size)}; the true minimum is ${sizeText(minimum)}`
}

function sizeText({ faults, operations }: Size): string {
  return `${faults} faults and ${operations} operations`
}

/** Finds so many failures of a bug and shrinks them. */
export async function shrinkBug(bug: string, system: System, wanted: number): Promise<readonly Shrunk[]> {
  const simulation = await open(system)
  try {
    const shrunk: (Omit<Shrunk, 'minimum'> & { readonly violation: Violation; readonly start: ListedScenario })[] = []
    for (let seed = 0; seed < maxTries && shrunk.length < wanted; seed++) {
      const shrinkers = new Shrinkers()
      const failure = await failureOf(simulation, seed, shrinkers)
      if (failure !== undefined)
        shrunk.push({ bug, seed, ...failure, ...(await shrinkOne(simulation, failure, shrinkers)) })
    }
    if (shrunk.length < wanted)
      console.error(`shrink: ${bug}: only ${shrunk.length} of ${wanted} failures in ${maxTries} histories`)
    const minimumOf = minima(simulation, shrunk)
    return await Promise.all(
      shrunk.map(async ({ violation, ...one }) => ({ ...one, minimum: await minimumOf(violation) })),
    )
  } finally {
    await simulation.close()
  }
}

interface Failure {
  readonly start: ListedScenario
  readonly violation: Violation
}

/** The history of a seed, if it is a failure that is large enough. */
async function failureOf(simulation: Simulation, seed: number, shrinkers: Shrinkers): Promise<Failure | undefined> {
  const {
    system: { operations, clients = 2 },
    claim,
  } = simulation
  const workload = randomWorkload(hash32(seed, 'bench workload') | 0, { operations, clients, maxOperations }, shrinkers)
  if (workload.invocations.length < atLeast.operations) return undefined
  const swarm = await judged(simulation, {
    workload,
    plan: drawnPlan(hash32(seed, 'bench plan') | 0, claim.kinds),
    seed,
  })
  const [violation] = swarm.violations
  if (violation === undefined || swarm.fired.length < atLeast.faults) return undefined
  return { start: { workload, plan: listed(swarm.fired), seed }, violation }
}

async function shrinkOne(
  simulation: Simulation,
  { start, violation }: Failure,
  shrinkers: Shrinkers,
): Promise<Pick<Shrunk, 'executions' | 'size'>> {
  const { system, claim } = simulation
  const memo = new Memo(async (candidate) => outcomeOf(await judged(simulation, candidate), violation))
  const outcome = outcomeOf(await judged(simulation, start), violation)
  if (!outcome.fails) throw new Error(`Bug: the listed plan of seed ${start.seed} does not fail as the drawn one did`)
  const {
    scenario: { plan, workload },
    executions,
  } = await minimise(start, outcome, {
    run: (candidate) => memo.run(candidate),
    memo,
    allowed: claim.allowed,
    clients: system.clients ?? 2,
    maxExecutions,
    deadline: () => false,
    inputs: ({ operation, input }) => {
      const known = system.operations.find(({ name }) => name === operation)
      return known === undefined ? [] : shrinkers.smaller(operation, known.arbitrary, input)
    },
  })
  return { executions, size: { faults: plan.faults.length, operations: workload.invocations.length } }
}

/** The minimum of each violation: proved where the search finds one, else the best that any shrinking reached. */
function minima(
  simulation: Simulation,
  shrunk: readonly (Failure & { readonly size: Size })[],
): (violation: Violation) => Promise<Size> {
  const known = new Map<string, Promise<Size>>()
  const search = async (violation: Violation, id: string): Promise<Size> => {
    const same = shrunk.filter((one) => idOf(one.violation) === id)
    const proved = await trueMinimum(
      simulation,
      same.map(({ start }) => start.workload),
      violation,
    )
    const sizes = [...same.map(({ size }) => size), ...(proved === undefined ? [] : [proved])]
    return sizes.reduce((best, size) => (compareSizes(size, best) < 0 ? size : best))
  }
  return (violation) => {
    const id = idOf(violation)
    const minimum = known.get(id) ?? search(violation, id)
    known.set(id, minimum)
    return minimum
  }
}

function idOf(violation: Violation): string {
  return `${violation.index} ${failureName(violation)}`
}
