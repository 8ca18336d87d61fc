// How well and how fast planted bugs are shrunk from swarm failures: 200 seeds each (8 in the quick run), the exact
// minimum, the median number of executions.
import { describe, expect, it } from 'vitest'
import { invocationOf } from '../../src/scenario/address.ts'
import { listed, singleFaults, everyFault } from '../../src/scenario/plan.ts'
import type { ListedScenario, CandidateOutcome } from '../../src/shrink/candidate.ts'
import { minimise } from '../../src/shrink/minimise.ts'
import { amount, full } from '../full.ts'
import { doubleCharge, lateReply, lateReplyMs, overlap, threeFaults, twoBugs, twoFaults } from './bugs.ts'
import {
  clientLimitMs,
  failing,
  latencyMs,
  toyInputs,
  toyOutcome,
  toyRun,
  type Bug,
  type Swarm,
  type ToyOptions,
} from './toy.ts'

const seeds = full ? 200 : 8
/** The share of failures that have to end at the exact minimum. */
const leastShare = 0.99
/** The most executions that half of the failures may need. */
const mostAtMedian = 80
/** With three faults left, every pair of them is tried as well: this is rare, and has a limit of its own. */
const mostAtMedianOfThree = 320
/** No failure here needs nearly as many executions. */
const maxExecutions = 5_000
/** As many as the workloads may have: shrinking is not limited by the number of clients. */
const clients = 8

const noisy: Swarm = {
  invocations: [5, 8],
  leastFired: 5,
  rates: {
    lose: 0.06,
    duplicate: 0.06,
    crash: 0.06,
    delay: 0.06,
    error: 0.06,
    refuse: 0.06,
    throttle: 0.06,
    hang: 0.04,
    jump: 0.06,
  },
}
const retrying: ToyOptions = { retries: 3, timers: true }

interface Shrunk {
  readonly scenario: ListedScenario
  readonly executions: number
}

/** A planted bug, and the failures of it that are shrunk. */
interface Planted {
  readonly name: string
  readonly bug: Bug
  /** The kind of failure that has to remain. */
  readonly cls: string
  /** @default noisy */
  readonly swarm?: Swarm
  /** @default retrying */
  readonly options?: ToyOptions
  /** The options with which failures are found. @default options */
  readonly foundWith?: ToyOptions
  /** @default mostAtMedian */
  readonly atMedian?: number
}

async function shrinkAll({
  name,
  bug,
  cls,
  swarm = noisy,
  options = retrying,
  foundWith = options,
  atMedian = mostAtMedian,
}: Planted): Promise<readonly Shrunk[]> {
  const shrunk: Shrunk[] = []
  for (const { start } of failing(seeds, swarm, foundWith, bug, cls)) {
    const outcome = toyOutcome(toyRun(start, options), bug, cls)
    expect(start.plan.faults.length).toBeGreaterThanOrEqual(swarm.leastFired)
    const run = (candidate: ListedScenario): Promise<CandidateOutcome> =>
      Promise.resolve(toyOutcome(toyRun(candidate, options), bug, cls))
    shrunk.push(
      await minimise(start, outcome, {
        run,
        inputs: toyInputs,
        allowed: swarm.allowed ?? everyFault,
        clients,
        deadline: () => false,
        maxExecutions,
      }),
    )
  }
  const executions = shrunk.map((one) => one.executions).toSorted((a, b) => a - b)
  console.log(
    `${name}: median ${executions[seeds / 2]}, 90 % ${executions[Math.floor(seeds * 0.9)]}, most ${executions.at(-1)} executions`,
  )
  if (full) expect(executions[seeds / 2]).toBeLessThanOrEqual(atMedian) // a few seeds have no reliable median
  return shrunk
}

function expectMinima(shrunk: readonly Shrunk[], isMinimum: (scenario: ListedScenario) => boolean): void {
  const missed = shrunk.filter(({ scenario }) => !isMinimum(scenario)).map(({ scenario }) => scenario)
  if (missed.length > 0) console.log(`${missed.length} missed, such as ${JSON.stringify(missed[0])}`)
  expect(1 - missed.length / shrunk.length).toBeGreaterThanOrEqual(leastShare)
}

/**
 * Whether a scenario has this many operations and faults, no waiting, ids from 0, and minimal inputs. fast-check
 * shrinks each part of a uuid separately, so two uuids that must differ end with a single 1 in some part.
 */
function isPlain({ workload: { invocations }, plan }: ListedScenario, operations: number, faults: number): boolean {
  return (
    plan.faults.length === faults &&
    invocations.length === operations &&
    invocations.every((invocation, index) => {
      const { order, amount } = invocation.input as { readonly order: string; readonly amount: number }
      const digits = order.replace('-1', '').replace('-8', '').replace(/[-0]/g, '')
      return (
        invocation.id === index &&
        invocation.afterMs === 0 &&
        amount <= operations &&
        (digits === '' || (digits === '1' && index > 0))
      )
    })
  )
}

describe('shrinking swarm failures', () => {
  it('finds the one lost answer of a double charge', async () => {
    const shrunk = await shrinkAll({ name: 'double charge', bug: doubleCharge, cls: 'double charge' })

    expectMinima(shrunk, (scenario) => {
      const [fault] = scenario.plan.faults
      if (!isPlain(scenario, 1, 1) || fault === undefined) return false
      if (invocationOf(fault.at.root) !== 0 || fault.at.path.length > 1) return false
      switch (fault.kind) {
        case 'lose':
        case 'error':
          return fault.at.leg === 'reply' && fault.at.nth === 1
        case 'crash':
          return fault.restartAfterMs === 1_000 // the value that shrinking aims at
        case 'delay':
          // A whole trip has four legs; the reply is too late one millisecond after the client's limit
          return fault.byMs === clientLimitMs - 4 * latencyMs + 1
        default:
          return false
      }
    })
  })

  it('keeps the two faults that are needed together, though dropping others moves the attempts', async () => {
    const shrunk = await shrinkAll({
      name: 'two faults',
      bug: twoFaults,
      cls: 'charged after recorded',
      swarm: { ...noisy, leastFired: 6 },
    })

    expectMinima(shrunk, (scenario) => {
      const [first, second] = scenario.plan.faults
      return isPlain(scenario, 1, 2) && first?.at.nth === 1 && second?.kind === 'crash' && second.at.path[0]?.nth === 2
    })
  })

  it('shows by exhaustive search that no single fault suffices', () => {
    const [found] = failing(1, noisy, retrying, twoFaults, 'charged after recorded')
    const workload = { invocations: found?.start.workload.invocations.slice(0, 1) ?? [] }
    const calm = toyRun({ workload, plan: listed([]), seed: 1 }, retrying)
    const singles = singleFaults(calm.sites, everyFault)

    expect(singles.length).toBeGreaterThan(20) // or the search would prove little

    for (const single of singles)
      expect(twoFaults(toyRun({ workload, plan: listed([single]), seed: 1 }, retrying))).toBe(undefined)
  })

  it.each([true, false])('finds the exact limit of a delay (timers known: %s)', async (timers) => {
    const options: ToyOptions = { retries: 2, timers }
    const shrunk = await shrinkAll({
      name: `exact delay, timers known: ${timers}`,
      bug: lateReply,
      cls: 'late reply',
      swarm: { ...noisy, rates: { ...noisy.rates, delay: 0.3 } }, // only a delay shows this bug
      options,
      foundWith: { ...options, timers: true },
    })

    expectMinima(shrunk, (scenario) => {
      const [fault] = scenario.plan.faults
      return isPlain(scenario, 1, 1) && fault?.kind === 'delay' && fault.byMs === lateReplyMs
    })
  })

  it('finds two operations of two clients that overlap, without any fault', async () => {
    const shrunk = await shrinkAll({ name: 'overlap', bug: overlap, cls: 'oversold' })

    expectMinima(
      shrunk,
      (scenario) =>
        isPlain(scenario, 2, 0) && new Set(scenario.workload.invocations.map(({ client }) => client)).size === 2,
    )
  })

  it('keeps three faults, and tries their pairs first', async () => {
    const dense: Swarm = {
      ...noisy,
      rates: { lose: 0.2, duplicate: 0.05, crash: 0.15, delay: 0.1, error: 0.05, jump: 0.05 },
    }
    const shrunk = await shrinkAll({
      name: 'three faults',
      bug: threeFaults,
      cls: 'charged a third time',
      swarm: dense,
      atMedian: mostAtMedianOfThree,
    })

    expectMinima(shrunk, (scenario) => isPlain(scenario, 1, 3))
  })

  it('does not slide to another bug that is easier to trigger', async () => {
    const shrunk = await shrinkAll({
      name: 'two bugs',
      bug: twoBugs,
      cls: 'charged after recorded',
      swarm: { ...noisy, leastFired: 6 },
    })
    for (const { scenario } of shrunk) expect(twoBugs(toyRun(scenario, retrying))).toBe('charged after recorded')

    expectMinima(shrunk, (scenario) => isPlain(scenario, 1, 2))
  })

  it('would slide to the other bug without the check of its class', async () => {
    const slides = amount(50)
    let slid = 0
    for (const { start, outcome } of failing(slides, noisy, retrying, twoBugs, 'charged after recorded')) {
      const unguarded = (candidate: ListedScenario): Promise<CandidateOutcome> => {
        const run = toyRun(candidate, retrying)
        return Promise.resolve({ ...toyOutcome(run, twoBugs, ''), fails: twoBugs(run) !== undefined })
      }
      const options = {
        run: unguarded,
        inputs: toyInputs,
        allowed: everyFault,
        clients,
        deadline: () => false,
        maxExecutions,
      }
      const { scenario } = await minimise(start, outcome, options)
      if (twoBugs(toyRun(scenario, retrying)) === 'not answered') slid += 1
    }

    expect(slid).toBe(slides)
  })
})
