// Every candidate of every pass stays within the system's own bounds, whatever the outcomes of runs: if there is only
// one client, or nobody submits anything twice, neither does a counterexample.
// @module-tag full
import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Shrinkers } from '../../src/generate/values.ts'
import { randomWorkload } from '../../src/generate/workload.ts'
import { actor, assess, eventually, map, noHang, serve, type System } from '../../src/index.ts'
import { chance } from '../../src/plain/random.ts'
import { listed, everyFault, isAllowed } from '../../src/scenario/plan.ts'
import type { Workload } from '../../src/scenario/scenario.ts'
import { scenario } from '../../src/scenario-arbitrary.ts'
import type { ListedScenario } from '../../src/shrink/candidate.ts'
import { markValues } from '../../src/shrink/mark-values.ts'
import { Memo, scenarioId } from '../../src/shrink/memo.ts'
import { minimise } from '../../src/shrink/minimise.ts'
import { shrink } from '../../src/shrink/shrink.ts'
import { op } from '../../src/system/operation.ts'
import type { Tolerates } from '../../src/system/system.ts'
import { claimOf } from '../../src/system/tolerates.ts'
import { canonical, encodeValue } from '../../src/plain/value.ts'
import { amount } from '../full.ts'
import { toyInput, toyInputs, toyOutcome, toyRun } from './toy.ts'

const toy = { retries: 2, timers: true }
const faultRates = { lose: 0.2, delay: 0.2, crash: 0.1, error: 0.1 }

/** The start of shrinking: a random workload within the bounds, and faults that fired in it. */
function startOf(seed: number, clients: number, maxOperations: number, doubleSubmit: boolean): ListedScenario {
  const operation = op('pay', toyInput, () => undefined, { doubleSubmit })
  const workload = randomWorkload(seed, { operations: [operation], clients, maxOperations }, new Shrinkers())
  const plan = { kind: 'drawn', seed, rates: faultRates, maxFaults: 4 } as const
  return { workload, plan: listed(toyRun({ workload, plan, seed }, toy).fired), seed: 1 }
}

/** All candidates, if chance decides which of them fail. */
function* candidatesOf(start: ListedScenario, seed: number, clients: number): Generator<ListedScenario, void> {
  const fails = (one: ListedScenario): boolean =>
    one === start || chance(seed, scenarioId(one)) < chance(seed, 'share of failures')
  const outcomeOf = (one: ListedScenario): ReturnType<typeof toyOutcome> =>
    toyOutcome(toyRun(one, toy), () => (fails(one) ? 'found' : undefined), 'found')
  const search = shrink(start, outcomeOf(start), { inputs: toyInputs, allowed: everyFault, clients })
  for (let next = search.next(), left = 500; next.done !== true && left > 0; left--) {
    yield next.value
    next = search.next(outcomeOf(next.value))
  }
}

function clientsIn({ invocations }: Workload): number {
  return new Set(invocations.map(({ client }) => client)).size
}

/** How many operations repeat the input of an earlier one. */
function repeatsIn({ invocations }: Workload): number {
  return invocations.length - new Set(invocations.map(({ input }) => canonical(encodeValue(input)))).size
}

describe.each([1, 2, 3])('with %i clients at most', (clients) => {
  it.each([1, 3, 8])('and %i operations, no candidate goes beyond', (maxOperations) => {
    let looked = 0
    for (let seed = 0; seed < amount(60); seed++) {
      const start = startOf(seed, clients, maxOperations, seed % 2 === 0)
      for (const { workload, plan } of candidatesOf(start, seed, clients)) {
        looked += 1
        expect(clientsIn(workload)).toBeLessThanOrEqual(clients)
        expect(Math.max(...workload.invocations.map(({ client }) => client))).toBeLessThan(clients)
        expect(workload.invocations.length).toBeLessThanOrEqual(start.workload.invocations.length)
        expect(repeatsIn(workload)).toBeLessThanOrEqual(repeatsIn(start.workload))
        expect(plan.faults.length).toBeLessThanOrEqual(start.plan.faults.length)
        expect(Math.min(...workload.invocations.map(({ afterMs }) => afterMs))).toBeGreaterThanOrEqual(0)
      }
    }

    expect(looked).toBeGreaterThan(amount(60))
  })
})

/** Claims, each with kinds that it limits. */
const claims: readonly (readonly [string, Tolerates])[] = [
  ['kinds', ['lose', 'delay', 'crash']],
  ['parts of kinds', [{ kind: 'lose', leg: 'reply' }, { kind: 'crash', point: 'before work' }, 'error']],
  ['a bound', [{ kind: 'delay', withinMs: 3_000 }, 'lose', { kind: 'pause', replaced: 'no', withinMs: 2_000 }]],
  ['at most two faults', { atMost: 2 }],
  ['a trusted node', { except: ['duplicate'], trusted: ['shop'] }],
  ['a link', { only: { 'shop -> bank': ['lose', 'slow', 'delay'] } }],
]

describe.each(claims)('with a claim of %s', (_, tolerates) => {
  const { allowed, atMost } = claimOf(tolerates, ['shop', 'bank', 'db'])
  const rates = { lose: 0.2, delay: 0.2, crash: 0.15, error: 0.1, pause: 0.15, slow: 0.15, partition: 0.1, jump: 0.1 }

  it('every candidate that is run keeps to it, and so does every value that is tried in place of another', async () => {
    let looked = 0
    for (let seed = 0; seed < amount(20); seed++) {
      const operation = op('pay', toyInput, () => undefined)
      const workload = randomWorkload(seed, { operations: [operation], clients: 2, maxOperations: 4 }, new Shrinkers())
      const drawn = { kind: 'drawn', seed, rates, maxFaults: Math.min(5, atMost) } as const
      const { fired } = toyRun({ workload, plan: drawn, seed }, toy, allowed)
      const start: ListedScenario = { workload, plan: listed(fired), seed: 1 }
      const memo = new Memo((one) => {
        looked += 1
        expect(isAllowed(one.plan, allowed)).toBe(true)
        expect(one.plan.faults.length).toBeLessThanOrEqual(Math.min(atMost, fired.length))
        return Promise.resolve(outcomeOf(one))
      })
      const fails = (one: ListedScenario): boolean =>
        one === start || chance(seed, scenarioId(one)) < chance(seed, 'share of failures')
      const outcomeOf = (one: ListedScenario): ReturnType<typeof toyOutcome> =>
        toyOutcome(toyRun(one, toy), () => (fails(one) ? 'found' : undefined), 'found')
      const options = { inputs: toyInputs, allowed, clients: 2, deadline: () => false, maxExecutions: 500 }
      const { scenario: small, outcome } = await minimise(start, outcomeOf(start), { ...options, run: memo.run, memo })
      await markValues(small, outcome, memo, { ...options, start, others: () => [], accepts: () => false })
    }

    expect(looked).toBeGreaterThan(amount(20))
  })
})

it('nor does any that fast-check considers smaller', () => {
  const system: System = {
    nodes: { shop: serve(() => () => new Response()) },
    operations: [op('pay', toyInput, () => undefined)],
    invariants: [noHang()],
    clients: 1,
    maxOperations: 3,
  }
  const all = scenario(system)
  for (const value of fc.sample(all, { seed: 1, numRuns: amount(100) })) {
    for (const smaller of all.shrink(value, undefined)) {
      expect(clientsIn(smaller.value.workload)).toBe(1)
      expect(smaller.value.workload.invocations.length).toBeLessThanOrEqual(3)
    }
  }
})

/** Clients with a token that is valid once. Each use returns the next token, so a lost answer loses it. */
function renewing(clients: number): System {
  const used = new Map<string, 1>()
  const auth = async (request: Request): Promise<Response> => {
    const token = await request.text()
    if (used.has(token)) return new Response(null, { status: 401 })
    used.set(token, 1)
    return new Response(`${token}+`)
  }
  const jar = actor('jar', (): { token: string | undefined } => ({ token: 'a' }))
  const refresh = jar.op('refresh', fc.constant(null), async (mine) => {
    if (mine.token === undefined) return
    const sent = { method: 'POST', body: mine.token, signal: AbortSignal.timeout(2_000) }
    const answer = await fetch('http://auth/', sent).catch(() => undefined)
    if (answer?.status === 401) mine.token = undefined
    else if (answer?.ok === true) mine.token = await answer.text()
  })
  const tokens = jar.reads('token', (mine) => [mine.token !== undefined])
  return {
    nodes: { auth: serve(() => auth) },
    stores: [map(used, { name: 'used' })],
    operations: [refresh],
    clients,
    tolerates: ['lose'],
    invariants: [eventually('signed in', tokens, (all) => all.every(Boolean))],
  }
}

test('one client loses its token by one lost answer, and no second client takes part', async () => {
  for (const seed of [1, 2, 3]) {
    const assessment = await assess(renewing(1), { seed, numRuns: 20 })
    if (assessment.kind !== 'violated') throw new Error(assessment.kind)
    const { plan, workload } = assessment.counterexample.scenario
    expect(plan.kind === 'listed' && plan.faults.map(({ kind }) => kind)).toEqual(['lose'])
    expect(workload.invocations.map(({ client }) => client)).toEqual([0, 0])
  }
})

test('two clients with one token need no fault', async () => {
  const assessment = await assess(renewing(2), { seed: 1, numRuns: 20 })
  if (assessment.kind !== 'violated') throw new Error(assessment.kind)
  const { plan, workload } = assessment.counterexample.scenario

  expect(plan.kind === 'listed' && plan.faults).toEqual([])
  expect(clientsIn(workload)).toBe(2)
})
