// Operations one after the other, for a run that others are compared with: when each begins, and what the clocks show.
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, journal, op, serve, type History } from '../../src/index.ts'
import { open, type Simulation } from '../../src/simulation.ts'
import type { Alone } from '../../src/verdict/verdict.ts'
import { noFaults } from '../../src/scenario/plan.ts'

const done = journal<{ readonly id: string; readonly wall: number; readonly timer: number }>('done')

/** Answers at once, and is done a second later. */
const shop = serve(() => async (request) => {
  const id = await request.text()
  setTimeout(() => done.add({ id, wall: Date.now(), timer: performance.now() }), 1_000)
  return new Response()
})

const go = op('go', fc.string(), (body) => fetch('http://shop/', { method: 'POST', body }))

let simulation: Simulation
beforeEach(async () => {
  const invariants = [eventually('all is done', done, () => true)]
  simulation = await open({ nodes: { shop }, operations: [go], invariants })
})
afterEach(() => simulation.close())

/** Two clients, the second of which is asked for first. */
async function run(alone: Alone | undefined): Promise<History> {
  const invocations = [1, 0].map((id) => ({ id, operation: 'go', client: id, afterMs: 500, input: `#${id}` }))
  const scenario = { workload: { invocations }, plan: noFaults, seed: 1 }
  return (await simulation.run(scenario, alone === undefined ? {} : { alone })).history
}

function beginnings({ events }: History): unknown {
  return events.flatMap((event) => (event.kind === 'invoke' ? [[event.invocation, event.atMs]] : []))
}

function effects({ events }: History) {
  return events.flatMap((event) => (event.kind === 'effect' ? [event.value as { id: string; wall: number }] : []))
}

test('as the workload says, clients begin by themselves', async () => {
  expect(beginnings(await run(undefined))).toEqual([
    [0, 500],
    [1, 500],
  ])
})

test('alone, each begins when the one before has left nothing to do, in the order given', async () => {
  const history = await run({ aheadMs: 0, afterMs: 0 })
  expect(beginnings(history)).toEqual([
    [1, 0],
    [0, 1_020],
  ])
  expect(effects(history).map(({ id }) => id)).toEqual(['#1', '#0'])
})

test('alone at times of their own, each begins then at the earliest, as soon as the one before was answered', async () => {
  const at = (second: number) => ({ aheadMs: 0, afterMs: 0, at: new Map([[1, 100], [0, second]]) }) // prettier-ignore
  expect(beginnings(await run(at(300)))).toEqual([
    [1, 100],
    [0, 300],
  ])
  expect(beginnings(await run(at(0)))).toEqual([
    [1, 100],
    [0, 140],
  ])
})

test('clocks may be ahead, and the first may wait', async () => {
  const [now] = effects(await run({ aheadMs: 0, afterMs: 0 }))
  const [later] = effects(await run({ aheadMs: 1_000_000, afterMs: 7 }))
  expect((later?.wall ?? 0) - (now?.wall ?? 0)).toBe(1_000_007)
  expect(later).toMatchObject({ timer: 1_027 })
})
