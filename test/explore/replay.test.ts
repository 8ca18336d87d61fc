import { expect, test } from 'vitest'
import { replay } from '../../src/explore/replay.ts'
import { invocationRoot, type Address } from '../../src/scenario/address.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { listed } from '../../src/scenario/plan.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import type { CallSite } from '../../src/scenario/site.ts'
import { executed, executorOf, payment } from './executed.ts'

const reply: Address = {
  root: invocationRoot('pay', 0),
  path: [],
  from: 'client',
  to: 'shop',
  operation: 'POST /orders',
  leg: 'reply',
  nth: 1,
}
const lost: Fault = { kind: 'lose', at: reply }
const saved: Scenario = { ...payment, plan: listed([lost]) }

/** The reply after the path of the request was renamed. */
const renamed: Address = { ...reply, operation: 'POST /v2/orders' }

function faultsOf({ plan }: Scenario): readonly Fault[] {
  return plan.kind === 'listed' ? plan.faults : []
}

function siteAt(address: Address): CallSite {
  return { kind: 'call', address, nodes: ['shop'], repeatable: false, latencyMs: 20, timersMs: [] }
}

test('a scenario that still fails is run once', async () => {
  const { execute, scenarios } = executorOf((scenario) => executed({ scenario, verdict: 'violated' }))

  const replayed = await replay(saved, execute)

  expect(scenarios).toEqual([saved])
  expect(replayed.executed.violations).toHaveLength(1)
  expect(replayed).toMatchObject({ moved: [], unfired: [] })
})

test('one whose faults fire, that holds, and that has no length of its own is run once', async () => {
  const { execute, scenarios } = executorOf((scenario) => executed({ scenario }))

  const replayed = await replay(saved, execute)

  expect(scenarios).toEqual([saved])
  expect(replayed).toMatchObject({ moved: [], unfired: [] })
})

test('a fault that does not fire any more is moved to where the scenario fails again', async () => {
  const { execute, scenarios } = executorOf(
    (scenario) => executed({ scenario, fired: [], sites: [siteAt(renamed)] }),
    (scenario) => executed({ scenario, verdict: 'violated' }),
  )

  const replayed = await replay(saved, execute)

  expect(scenarios[1]?.plan).toEqual(listed([{ ...lost, at: renamed }]))
  expect(replayed.executed.scenario).toBe(scenarios[1])
  expect(replayed.moved.map(({ to }) => to)).toEqual([renamed])
  expect(replayed.unfired).toEqual([])
})

test('where moving it does not help, the scenario as it was saved counts, with its faults that did not fire', async () => {
  const { execute, scenarios } = executorOf(
    (scenario) => executed({ scenario, fired: [], sites: [siteAt(renamed)] }),
    (scenario) => executed({ scenario }),
  )

  const replayed = await replay(saved, execute)

  expect(scenarios).toHaveLength(2)
  expect(replayed.executed.scenario).toBe(saved)
  expect(replayed).toMatchObject({ moved: [], unfired: [lost] })
})

test('a fault whose message comes only after another one was moved is moved next', async () => {
  const retry: Fault = { kind: 'lose', at: { ...reply, nth: 2 } }
  const both: Scenario = { ...payment, plan: listed([lost, retry]) }
  const second = { ...renamed, nth: 2 }
  const { execute, scenarios } = executorOf(
    (scenario) => executed({ scenario, fired: [], sites: [siteAt(renamed)] }),
    (scenario) =>
      executed({ scenario, fired: faultsOf(scenario).slice(0, 1), sites: [siteAt(renamed), siteAt(second)] }),
    (scenario) => executed({ scenario, verdict: 'violated' }),
  )

  const replayed = await replay(both, execute)

  expect(scenarios[2]?.plan).toEqual(
    listed([
      { ...lost, at: renamed },
      { ...retry, at: second },
    ]),
  )
  expect(replayed.moved.map(({ to }) => to)).toEqual([renamed, second])
})

test('a claim is asked before a fault strikes elsewhere', async () => {
  const { execute, scenarios } = executorOf((scenario) => executed({ scenario, fired: [], sites: [siteAt(renamed)] }))

  const { unfired } = await replay(saved, execute, (fault) => (fault === lost ? fault : undefined))

  expect(scenarios).toHaveLength(1)
  expect(unfired).toEqual([lost])
})

test('where all fires and holds, other lengths are tried until it fails again', async () => {
  const late: Fault = { kind: 'delay', at: reply, byMs: 960 }
  const { execute, scenarios } = executorOf(
    (scenario) => executed({ scenario, sites: [siteAt(reply)] }),
    (scenario) => executed({ scenario, sites: [siteAt(reply)] }),
    (scenario) => executed({ scenario, verdict: 'violated' }),
  )

  const replayed = await replay({ ...payment, plan: listed([late]) }, execute)

  expect(scenarios.map(faultsOf)).toEqual([960, 1_008, 914].map((byMs) => [{ ...late, byMs }]))
  expect(replayed.executed.scenario).toBe(scenarios[2])
  expect(replayed.moved).toEqual([{ words: 'reply delayed by 960 ms: now reply delayed by 914 ms' }])
})

test('a scenario that cannot be judged says why', async () => {
  const { execute } = executorOf((scenario) => executed({ scenario, verdict: 'unknown' }))

  const { unclear } = await replay(saved, execute)

  expect(unclear).toBe('it never came to rest.')
})
