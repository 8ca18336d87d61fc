// actor: a client with state of its own, made once for each client in each history.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  actor,
  assess,
  formatAssessment,
  journal,
  noFaults,
  simulate,
  type History,
  type Operation,
  type Scenario,
  type System,
} from 'two-generals'
import { effectsIn, node, nothingToJudge, outcomesOf, pause } from '../simulate/systems.ts'

const seen = journal<unknown>('seen')

function using(...operations: readonly Operation<null>[]): System {
  return { nodes: { shop: node(() => undefined) }, operations, invariants: [nothingToJudge] }
}

/** One operation after the other, each by the client of that number. */
function by(operation: string, ...clients: readonly number[]): Scenario {
  return {
    workload: { invocations: clients.map((client, id) => ({ id, operation, client, afterMs: 0, input: null })) },
    plan: noFaults,
    seed: 1,
  }
}

function seenIn(history: History): readonly unknown[] {
  return effectsIn(history, 'seen').map(({ value }) => value)
}

let boots = 0
const counter = actor('counter', () => {
  boots += 1
  return { calls: 0 }
})
const count = counter.op('count', fc.constant(null), async (state) => {
  state.calls += 1
  seen.add(state.calls)
  return fetch('http://shop/', { method: 'POST' })
})

test('is made once for each client in each history, and keeps its state between operations', async () => {
  boots = 0
  expect(seenIn(await simulate(using(count), by('count', 0, 1, 0)))).toEqual([1, 1, 2])
  expect(boots).toBe(2)
  expect(seenIn(await simulate(using(count), by('count', 0)))).toEqual([1])
  expect(boots).toBe(3)
})

test('what it began goes on when an attempt was given up', async () => {
  const patient = actor('patient', () => ({ done: 0 }))
  const work = patient.op(
    'work',
    fc.constant(null),
    async (state) => {
      if (state.done > 0) return seen.add(`done ${state.done}`)
      await pause(3_000)
      state.done += 1
      seen.add('late')
      return undefined
    },
    { timeout: 1_000 },
  )
  const history = await simulate(using(work), {
    ...by('work', 0, 0),
    workload: {
      invocations: [0, 5_000].map((afterMs, id) => ({ id, operation: 'work', client: 0, afterMs, input: null })),
    },
  })
  expect(outcomesOf(history)).toEqual(['info timeout', 'ok'])
  expect(effectsIn(history, 'seen')).toEqual([
    { atMs: 3_000, value: 'late' },
    { atMs: 6_000, value: 'done 1' },
  ])
})

test('may boot later, over the network, as the client', async () => {
  const sdk = actor('sdk', async () => ({ token: await (await fetch('http://shop/token', { method: 'POST' })).text() }))
  const use = sdk.op('use', fc.constant(null), ({ token }) => seen.add(token))
  const history = await simulate(using(use), by('use', 0, 0))
  expect(effectsIn(history, 'seen')).toEqual([
    { atMs: 40, value: 'done' },
    { atMs: 40, value: 'done' },
  ])
})

test('two actors of one client have a state each, and one is explored like any operation', async () => {
  const other = actor('counter', () => ({ calls: 10 })).op('other', fc.constant(null), (state) => {
    seen.add(state.calls)
  })
  const both = {
    ...by('count', 0),
    workload: {
      invocations: ['count', 'other'].map((operation, id) => ({ id, operation, client: 0, afterMs: 0, input: null })),
    },
  }
  expect(seenIn(await simulate(using(count, other), both))).toEqual([1, 10])
  expect(await assess(using(count, other), { numRuns: 20 })).toMatchObject({ kind: 'holds' })
})

test('a boot that throws says which, and is tried again by the next operation', async () => {
  const broken = actor('sdk', () => {
    throw new RangeError('no key')
  })
  const assessment = await assess(using(broken.op('use', fc.constant(null), () => undefined)))
  expect(assessment.kind).toBe('broken')
  expect(formatAssessment(assessment, { test: 'x' })).toContain('actor("sdk"): its boot threw RangeError: no key')
  let tries = 0
  const second = actor('second', () => {
    tries += 1
    if (tries === 1) throw new Error('not yet')
    return tries
  }).op('use', fc.constant(null), (state) => {
    seen.add(state)
  })
  const history = await simulate(using(second), by('use', 0, 0))
  expect([outcomesOf(history), seenIn(history)]).toEqual([['info error', 'ok'], [2]])
})

test('bad input', async () => {
  expect(() => actor('two words', () => 1)).toThrow('a name is one word')
  expect(() => actor('sdk', undefined as unknown as () => number)).toThrow(
    'its second argument is undefined, not a function',
  )
  await expect(count.run(null)).rejects.toThrow('actor("counter"): an operation of it ran outside a simulation')
})
