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

test('one whose faults fire, and that holds, is run once', async () => {
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

test('a scenario that cannot be judged says why', async () => {
  const { execute } = executorOf((scenario) => executed({ scenario, verdict: 'unknown' }))

  const { unclear } = await replay(saved, execute)

  expect(unclear).toBe('it never came to rest.')
})
