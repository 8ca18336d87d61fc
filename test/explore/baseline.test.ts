import { expect, test } from 'vitest'
import { baseline } from '../../src/explore/baseline.ts'
import type { Executed } from '../../src/explore/executor.ts'
import type { Scenario, Workload } from '../../src/scenario/scenario.ts'
import { effect, ends, invoke, type Line } from '../check/build-history.ts'
import { executed, executorOf, payment } from './executed.ts'

const seed = 7
const { workload } = payment
const other: Workload = { invocations: workload.invocations.map((invocation) => ({ ...invocation, input: 'other' })) }

type Run = (scenario: Scenario) => Executed

/** A run of the one payment that ends in this way; without an end it never does. */
function paying(outcome?: 'ok' | 'fail' | 'info', ...more: readonly Line[]): Run {
  const end = outcome === undefined ? [] : [ends(1, outcome, 0)]
  return (scenario) => executed({ scenario, events: [invoke(0, 'pay', 0), ...end, ...more] })
}

test('a system works where its first workload is answered ok, twice', async () => {
  const { execute, scenarios } = executorOf(paying('ok'), paying('ok'))

  const found = await baseline(execute, [workload, other], seed)

  expect(found).toMatchObject({ kind: 'works', executions: 2 })
  expect(scenarios).toEqual([
    { workload, plan: payment.plan, seed },
    { workload, plan: payment.plan, seed },
  ])
})

test('other workloads are tried until one is answered ok', async () => {
  const { execute, scenarios } = executorOf(paying('fail'), paying('ok'), paying('ok'))

  const found = await baseline(execute, [workload, other], seed)

  expect(found).toMatchObject({ kind: 'works', executions: 3, run: { scenario: { workload: other } } })
  expect(scenarios.map((scenario) => scenario.workload)).toEqual([workload, other, other])
})

test('a violation ends the search for a workload', async () => {
  const violated: Run = (scenario) => executed({ scenario, verdict: 'violated', events: [invoke(0, 'pay', 0)] })
  const { execute } = executorOf(violated, violated)

  const found = await baseline(execute, [workload, other], seed)

  expect(found.run.violations).toHaveLength(1)
})

test.each([
  ['no operation is answered ok', paying('fail')],
  ['an outcome is unknown', paying('ok', invoke(2, 'pay', 1), ends(3, 'info', 1))],
  ['a probe never ends', paying('ok', invoke(2, 'probe', 1))],
])('a system is broken where %s', async (_, run) => {
  const { execute } = executorOf(run, run)

  expect(await baseline(execute, [workload], seed)).toMatchObject({ kind: 'broken', executions: 2 })
})

test('a system that takes two courses is not judged', async () => {
  const twice = paying('ok', effect(2, 'charge', 1))
  const { execute } = executorOf(paying('ok'), twice, twice)

  expect(await baseline(execute, [workload], seed)).toMatchObject({ kind: 'leaks', executions: 3 })
})

test('values that differ between two equal runs are mentioned', async () => {
  const charging = (amount: number): Run => paying('ok', effect(2, 'charge', amount))
  const { execute } = executorOf(charging(1), charging(2), charging(3))

  expect(await baseline(execute, [workload], seed)).toMatchObject({ kind: 'works', values: { kind: 'values', seq: 2 } })
})
