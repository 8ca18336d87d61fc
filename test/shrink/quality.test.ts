// How well and how fast planted bugs are shrunk from swarm failures: 200 seeds each (20 in the quick run), exact
// minima, median executions.
import { describe, expect, it } from 'vitest'
import { invocationOf } from '../../src/scenario/address.ts'
import { listed, singleFaults } from '../../src/scenario/plan.ts'
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

const seeds = amount(200)
const enough = 0.99
const fewExecutions = 80
/** With three faults left, pairs are tried as well: a rare case, bounded by itself. */
const pairsToo = 320

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

async function shrinkAll(
  name: string,
  swarm: Swarm,
  options: ToyOptions,
  bug: Bug,
  cls: string,
  found = options,
  few = fewExecutions,
): Promise<readonly Shrunk[]> {
  const shrunk: Shrunk[] = []
  for (const { start } of failing(seeds, swarm, found, bug, cls)) {
    const outcome = toyOutcome(toyRun(start, options), bug, cls)
    expect(start.plan.faults.length).toBeGreaterThanOrEqual(swarm.leastFired)
    const run = (candidate: ListedScenario): Promise<CandidateOutcome> =>
      Promise.resolve(toyOutcome(toyRun(candidate, options), bug, cls))
    shrunk.push(
      await minimise(start, outcome, {
        run,
        inputs: toyInputs,
        allows: swarm.allows ?? (() => true),
        clients: 8,
        deadline: () => false,
        maxExecutions: 5_000,
      }),
    )
  }
  const executions = shrunk.map((one) => one.executions).toSorted((a, b) => a - b)
  console.log(
    `${name}: median ${executions[seeds / 2]}, 90 % ${executions[seeds * 0.9]}, most ${executions.at(-1)} executions`,
  )
  if (full) expect(executions[seeds / 2]).toBeLessThanOrEqual(few) // the median of a tenth says little
  return shrunk
}

function expectMinima(shrunk: readonly Shrunk[], isMinimum: (scenario: ListedScenario) => boolean): void {
  const missed = shrunk.filter(({ scenario }) => !isMinimum(scenario)).map(({ scenario }) => scenario)
  if (missed.length > 0) console.log(`${missed.length} missed, such as ${JSON.stringify(missed[0])}`)
  expect(1 - missed.length / shrunk.length).toBeGreaterThanOrEqual(enough)
}

/**
 * So many operations and faults; no waiting, ids from 0, inputs as small as their arbitrary makes them. It shrinks each
 * part of a uuid by itself, so that two that must differ end with one 1 in any part that was not 0 at first.
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
    const shrunk = await shrinkAll('double charge', noisy, retrying, doubleCharge, 'double charge')

    expectMinima(shrunk, (scenario) => {
      const [fault] = scenario.plan.faults
      if (!isPlain(scenario, 1, 1) || fault === undefined) return false
      if (invocationOf(fault.at.root) !== 0 || fault.at.path.length > 1) return false
      switch (fault.kind) {
        case 'lose':
        case 'error':
          return fault.at.leg === 'reply' && fault.at.nth === 1
        case 'crash':
          return fault.restartAfterMs === 1_000
        case 'delay':
          return fault.byMs === clientLimitMs - 4 * latencyMs + 1
        default:
          return false
      }
    })
  })

  it('keeps the two faults that are needed together, though dropping others moves the attempts', async () => {
    const shrunk = await shrinkAll(
      'two faults',
      { ...noisy, leastFired: 6 },
      retrying,
      twoFaults,
      'charged after recorded',
    )

    expectMinima(shrunk, (scenario) => {
      const [first, second] = scenario.plan.faults
      return isPlain(scenario, 1, 2) && first?.at.nth === 1 && second?.kind === 'crash' && second.at.path[0]?.nth === 2
    })
  })

  it('proves by exhaustion that no single fault does what those two do', () => {
    const [found] = failing(1, noisy, retrying, twoFaults, 'charged after recorded')
    const workload = { invocations: found?.start.workload.invocations.slice(0, 1) ?? [] }
    const calm = toyRun({ workload, plan: listed([]), seed: 1 }, retrying)
    const singles = singleFaults(calm.sites, () => true)

    expect(singles.length).toBeGreaterThan(20)

    for (const single of singles)
      expect(twoFaults(toyRun({ workload, plan: listed([single]), seed: 1 }, retrying))).toBe(undefined)
  })

  it.each([true, false])('finds the exact limit of a delay (timers known: %s)', async (timers) => {
    const options: ToyOptions = { retries: 2, timers }
    const swarm: Swarm = { ...noisy, rates: { ...noisy.rates, delay: 0.3 } }
    const shrunk = await shrinkAll(`exact delay, timers known: ${timers}`, swarm, options, lateReply, 'late reply', {
      ...options,
      timers: true,
    })

    expectMinima(shrunk, (scenario) => {
      const [fault] = scenario.plan.faults
      return isPlain(scenario, 1, 1) && fault?.kind === 'delay' && fault.byMs === lateReplyMs
    })
  })

  it('finds two operations of two clients that overlap, without any fault', async () => {
    const shrunk = await shrinkAll('overlap', noisy, retrying, overlap, 'oversold')

    expectMinima(
      shrunk,
      (scenario) =>
        isPlain(scenario, 2, 0) && new Set(scenario.workload.invocations.map(({ client }) => client)).size === 2,
    )
  })

  it('keeps three faults; trying the pairs that might have done is what costs', async () => {
    const dense: Swarm = {
      ...noisy,
      rates: { lose: 0.2, duplicate: 0.05, crash: 0.15, delay: 0.1, error: 0.05, jump: 0.05 },
    }
    const shrunk = await shrinkAll(
      'three faults',
      dense,
      retrying,
      threeFaults,
      'charged a third time',
      retrying,
      pairsToo,
    )

    expectMinima(shrunk, (scenario) => isPlain(scenario, 1, 3))
  })

  it('does not slide to another bug that is easier to meet', async () => {
    const shrunk = await shrinkAll('two bugs', { ...noisy, leastFired: 6 }, retrying, twoBugs, 'charged after recorded')
    for (const { scenario } of shrunk) expect(twoBugs(toyRun(scenario, retrying))).toBe('charged after recorded')

    expectMinima(shrunk, (scenario) => isPlain(scenario, 1, 2))
  })

  it('would slide without the class: so the guard is what keeps it', async () => {
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
        allows: () => true,
        clients: 8,
        deadline: () => false,
        maxExecutions: 5_000,
      }
      const { scenario } = await minimise(start, outcome, options)
      if (twoBugs(toyRun(scenario, retrying)) === 'not answered') slid += 1
    }

    expect(slid).toBe(slides)
  })
})
