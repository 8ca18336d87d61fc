// Laws of the minimiser, on swarm failures of the toy world: it is deterministic, accepts only smaller scenarios, runs
// none twice, and is bounded.
import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { deliveryOf, type Fault } from '../../src/scenario/fault/registry.ts'
import { listed, everyFault } from '../../src/scenario/plan.ts'
import type { Invocation } from '../../src/scenario/scenario.ts'
import { bisectNumber } from '../../src/shrink/bisect.ts'
import { Memo, scenarioId } from '../../src/shrink/memo.ts'
import { minimise, type MinimiseOptions } from '../../src/shrink/minimise.ts'
import type { CandidateOutcome, ListedScenario } from '../../src/shrink/candidate.ts'
import { shrink } from '../../src/shrink/shrink.ts'
import { compareSize } from '../../src/shrink/compare-size.ts'
import { rootOf } from '../address-of.ts'
import { amount, full } from '../full.ts'
import { doubleCharge, overlap, twoFaults } from './bugs.ts'
import { failing, toyInputs, toyOutcome, toyRun, type Bug, type Swarm, type ToyOptions } from './toy.ts'

const swarm: Swarm = {
  invocations: [5, 8],
  leastFired: 5,
  rates: { lose: 0.08, duplicate: 0.08, crash: 0.08, delay: 0.08, error: 0.08, throttle: 0.08, jump: 0.05 },
}
const toy: ToyOptions = { retries: 3, timers: true }
const bugs: readonly (readonly [string, Bug])[] = [
  ['double charge', doubleCharge],
  ['charged after recorded', twoFaults],
  ['oversold', overlap],
]
const cases = bugs.flatMap(([cls, bug]) =>
  failing(amount(20), swarm, toy, bug, cls).map((found) => ({
    ...found,
    run: (candidate: ListedScenario): CandidateOutcome => toyOutcome(toyRun(candidate, toy), bug, cls),
  })),
)
const options = { inputs: toyInputs, allowed: everyFault, clients: 8 }

function unbounded(run: MinimiseOptions['run']): MinimiseOptions {
  return { ...options, run, deadline: () => false, maxExecutions: 10_000 }
}

/** Shrinks to the end; `answer` gives the outcome of each candidate. */
function drive(
  start: ListedScenario,
  outcome: CandidateOutcome,
  answer: (candidate: ListedScenario) => CandidateOutcome,
): ListedScenario {
  const candidates = shrink(start, outcome, options)
  let next = candidates.next()
  while (next.done !== true) next = candidates.next(answer(next.value))
  return next.value
}

describe('shrink', () => {
  it('yields the same candidates for the same start', () => {
    for (const { start, outcome, run } of cases) {
      const candidatesOf = (): readonly string[] => {
        const ids: string[] = []
        drive(start, outcome, (candidate) => {
          ids.push(scenarioId(candidate))
          return run(candidate)
        })
        return ids
      }

      expect(candidatesOf()).toEqual(candidatesOf())
    }
  })

  it('accepts only what is strictly smaller, and returns the last of those', () => {
    for (const { start, outcome, run } of cases) {
      let best = start

      const smallest = drive(start, outcome, (candidate) => {
        const found = run(candidate)
        if (found.fails) {
          expect(compareSize(candidate, best)).toBeLessThan(0)
          best = candidate
        }
        return found
      })

      expect(scenarioId(smallest)).toBe(scenarioId(best))
      expect(run(smallest).fails).toBe(true)
    }
  })

  it('returns the start if nothing smaller fails', () => {
    for (const { start, outcome } of full ? cases : cases.slice(0, 1)) {
      const smallest = drive(start, outcome, ({ plan }) => ({
        fails: false,
        verdict: 'holds',
        fired: plan.faults,
        sites: [],
      }))

      expect(scenarioId(smallest)).toBe(scenarioId(start))
    }
  })

  it('ends whatever the outcomes are', () => {
    const manySteps = 20_000 // far more than any minimisation here takes
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.infiniteStream(fc.boolean()), ({ start, outcome, run }, answers) => {
        let steps = 0

        drive(start, outcome, (candidate) => {
          steps += 1
          expect(steps).toBeLessThan(manySteps)
          return { ...run(candidate), fails: answers.next().value === true }
        })
      }),
      { numRuns: amount(100), seed: 1 },
    )
  })
})

describe('minimise', () => {
  it('never runs a scenario twice, and counts what it ran', async () => {
    for (const { start, outcome, run } of cases) {
      const ran = [scenarioId(start)]

      const { executions, unfinished } = await minimise(
        start,
        outcome,
        unbounded((candidate) => {
          ran.push(scenarioId(candidate))
          return Promise.resolve(run(candidate))
        }),
      )

      expect(new Set(ran).size).toBe(ran.length)
      expect(executions).toBe(ran.length - 1)
      expect(unfinished).toBe(undefined)
    }
  })

  it('does not run a scenario whose outcome the caller knows', async () => {
    for (const { start, outcome, run } of cases.slice(0, 20)) {
      const memo = new Memo((candidate) => Promise.resolve(run(candidate)))
      const remembering = { ...unbounded(() => Promise.reject(new Error('the memo runs'))), memo }

      const first = await minimise(start, outcome, remembering)
      const again = await minimise(start, outcome, remembering)

      expect(first.executions).toBeGreaterThan(0)
      expect(again).toEqual({ ...first, executions: 0 })
    }
  })

  it('stops at its bound with the best so far and says so', async () => {
    for (const { start, outcome, run } of cases) {
      const stopped = await minimise(start, outcome, {
        ...unbounded((candidate) => Promise.resolve(run(candidate))),
        maxExecutions: 4,
      })

      expect(stopped.executions).toBe(4)
      expect(stopped.unfinished).toBe(
        'shrinking stopped at its limit of 4 executions: this is the smallest failure so far, a smaller one may exist',
      )
      expect(run(stopped.scenario).fails).toBe(true)
    }
  })

  it('stops when time is up', async () => {
    const [found] = cases
    if (found === undefined) throw new Error('no case')
    let runs = 0
    const run = (candidate: ListedScenario): Promise<CandidateOutcome> => {
      runs += 1
      return Promise.resolve(found.run(candidate))
    }

    const stopped = await minimise(found.start, found.outcome, { ...unbounded(run), deadline: () => runs >= 3 })

    expect(stopped.unfinished).toBe(
      'shrinking ran out of time after 3 executions: this is the smallest failure so far, a smaller one may exist',
    )
  })

  it('passes on an error of a run', async () => {
    const [found] = cases
    if (found === undefined) throw new Error('no case')
    const failing = unbounded(() => Promise.reject(new Error('escaped')))

    await expect(minimise(found.start, found.outcome, failing)).rejects.toThrow('escaped')
  })
})

describe('equal values', () => {
  const twice = (order: string, amount: number): readonly Invocation[] =>
    [0, 1].map((id) => ({ id, operation: 'pay', client: id, afterMs: 7, input: { order, amount: amount + id } }))
  const start: ListedScenario = {
    workload: { invocations: twice('0f0f0f0f-0000-1000-8000-00000000beef', 500) },
    plan: listed([]),
    seed: 1,
  }
  const orders = ({ workload }: ListedScenario): readonly unknown[] =>
    workload.invocations.map(({ input }) => (input as { readonly order: unknown }).order)
  const arbitrary: fc.Arbitrary<unknown> = fc.record({ order: fc.uuid(), amount: fc.nat(1_000) })
  const inputs = ({ input }: Invocation): Iterable<unknown> =>
    arbitrary.shrink(input, undefined).map(({ value }) => value)

  it('of a double submit shrink together', async () => {
    const run = (candidate: ListedScenario): Promise<CandidateOutcome> => {
      const [first, second] = orders(candidate)
      const fails = first !== undefined && first === second
      return Promise.resolve({ fails, verdict: fails ? 'violated' : 'holds', fired: [], sites: [] })
    }

    const { scenario } = await minimise(start, await run(start), { ...unbounded(run), inputs })

    expect(scenario.workload.invocations.map(({ client, afterMs, input }) => ({ client, afterMs, input }))).toEqual([
      { client: 0, afterMs: 0, input: { order: '00000000-0000-1000-8000-000000000000', amount: 0 } },
      { client: 0, afterMs: 0, input: { order: '00000000-0000-1000-8000-000000000000', amount: 1 } },
    ])
  })

  it('of two faults move together', async () => {
    const delayOfAttempt = (nth: number): Fault => ({
      kind: 'delay',
      byMs: 900,
      at: { root: rootOf('pay#0'), path: [], from: 'client', to: 'shop', operation: 'POST /', leg: 'reply', nth },
    })
    const leastMs = 321 // an odd number: only the search finds it
    const run = ({ plan }: ListedScenario): Promise<CandidateOutcome> => {
      const [first, second] = plan.faults.map((fault) => deliveryOf([fault]).delayMs)
      const fails = first !== undefined && first === second && first >= leastMs
      return Promise.resolve({ fails, verdict: fails ? 'violated' : 'holds', fired: plan.faults, sites: [] })
    }
    const coupled: ListedScenario = { ...start, plan: listed([delayOfAttempt(1), delayOfAttempt(2)]) }

    const { scenario } = await minimise(coupled, await run(coupled), { ...unbounded(run), inputs })

    expect(scenario.plan.faults.map((fault) => fault.kind === 'delay' && fault.byMs)).toEqual([leastMs, leastMs])
  })
})

describe('bisectNumber', () => {
  it('ends exactly at the limit, from either side and with any hints', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.array(fc.integer({ min: -10, max: 100_010 })),
        fc.boolean(),
        (limit, above, hints, negative) => {
          const sign = negative ? -1 : 1
          let best = sign * (limit + above)
          const search = bisectNumber(
            best,
            0,
            hints.map((hint) => sign * hint),
            function* attempt(value) {
              yield* []
              if (value * sign < limit) return false
              best = value
              return true
            },
          )

          search.next()

          expect(best).toBe(sign * limit)
        },
      ),
    )
  })
})
