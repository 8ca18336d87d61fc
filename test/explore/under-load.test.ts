// A full pool and one lasting fault: which one, and where it strikes.
import { expect, test } from 'vitest'
import { underLoad } from '../../src/explore/under-load.ts'
import type { Executed } from '../../src/explore/executor.ts'
import { everyFault, type Allowed } from '../../src/scenario/plan.ts'
import type { FaultKind } from '../../src/scenario/fault/registry.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import type { Site } from '../../src/scenario/site.ts'
import { rootOf } from '../address-of.ts'
import { executed, payment } from './executed.ts'

const site = (to: string, nth: number): Site => ({
  kind: 'call',
  address: { root: rootOf('pay#0'), path: [], from: 'shop', to, operation: 'POST /', leg: 'request', nth },
  nodes: ['shop', to],
  repeatable: false,
  latencyMs: 20,
  timersMs: [],
})

const sites = [site('bank', 1), site('bank', 2), site('post', 1)]
const kinds: readonly FaultKind[] = ['lose', 'slow', 'partition', 'pause']

/** The scenario that counts, for a seed. */
async function struck(seed: number, allowed: Allowed = everyFault, perfect?: Partial<Executed>): Promise<Scenario> {
  const counted: Scenario[] = []
  await underLoad(
    (scenario) => {
      counted.push(scenario)
      return Promise.resolve(executed({ scenario }))
    },
    { seed: 7, kinds, allowed, probe: (scenario) => Promise.resolve({ ...executed({ scenario, sites }), ...perfect }) },
    payment.workload,
    seed,
  )
  const [only, ...others] = counted
  if (only === undefined || others.length > 0) throw new Error(`${counted.length} runs count`)
  return only
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed)

test('one lasting fault at the first message of any link', async () => {
  const plans = await Promise.all(seeds.map(async (seed) => (await struck(seed)).plan))
  const faults = plans.map((plan) => (plan.kind === 'listed' ? plan.faults : []))

  expect(new Set(faults.map(({ length }) => length))).toEqual(new Set([1]))
  expect(new Set(faults.flat().map(({ kind }) => kind))).toEqual(new Set(['slow', 'partition', 'pause']))
  expect(new Set(faults.flat().map(({ at }) => `${at.to} ${at.nth}`))).toEqual(new Set(['bank 1', 'post 1']))
})

test('the same one for the same seed, and with the seed of the system', async () => {
  expect(await struck(3)).toEqual(await struck(3))
  expect((await struck(3)).seed).toBe(7)
})

test('none where none is claimed, or where the perfect network fails already', async () => {
  const none = { kind: 'listed', faults: [] }
  const violated = executed({ verdict: 'violated' }).violations

  expect((await struck(1, () => undefined)).plan).toMatchObject(none)
  expect((await struck(1, everyFault, { violations: violated })).plan).toMatchObject(none)
})
