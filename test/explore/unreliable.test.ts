import { describe, expect, test } from 'vitest'
import type { Executed } from '../../src/explore/executor.ts'
import { leaked, unconfirmed, unreliable } from '../../src/explore/unreliable.ts'
import { effect } from '../check/build-history.ts'
import { executed, executorOf } from './executed.ts'

/** A run whose course is a number of charges. */
function charging(times: number, verdict: 'holds' | 'violated' = 'holds'): Executed {
  const events = Array.from({ length: times }, (_, index) => effect(index, 'charge', 'order-1'))
  return executed({ events, verdict })
}

/** A run of one charge, of this amount. */
function chargingAmount(amount: number, verdict: 'holds' | 'violated' = 'holds'): Executed {
  return executed({ events: [effect(0, 'charge', amount)], verdict })
}

describe('two runs of one scenario', () => {
  const never = executorOf().execute

  test('that are alike are reliable', async () => {
    expect(await unreliable(never, charging(1), charging(1))).toBeUndefined()
  })

  test('that differ in other values each time are reliable', async () => {
    const { execute } = executorOf(() => chargingAmount(3))

    expect(await unreliable(execute, chargingAmount(1), chargingAmount(2))).toBeUndefined()
  })

  test('whose second values repeat show a leak', async () => {
    const { execute } = executorOf(() => chargingAmount(2))

    expect(await unreliable(execute, chargingAmount(1), chargingAmount(2))).toMatchObject({ kind: 'leaks' })
  })

  test('whose second course repeats show a leak: state of the first is there from then on', async () => {
    const { execute } = executorOf(() => charging(2))

    expect(await unreliable(execute, charging(1), charging(2))).toMatchObject({ kind: 'leaks', where: { seq: 1 } })
  })

  test('whose course changes from run to run are flaky', async () => {
    const { execute } = executorOf(() => charging(3))

    expect(await unreliable(execute, charging(1), charging(2))).toMatchObject({ kind: 'flaky', where: { seq: 1 } })
  })
})

describe('a failure', () => {
  test('is confirmed by an equal run', () => {
    expect(unconfirmed(charging(2, 'violated'), charging(2, 'violated'))).toBeUndefined()
  })

  test('is confirmed by a run that violates with other values', () => {
    expect(unconfirmed(chargingAmount(1, 'violated'), chargingAmount(2, 'violated'))).toBeUndefined()
  })

  test('is flaky where another run takes another course', () => {
    expect(unconfirmed(charging(2, 'violated'), charging(3, 'violated'))).toMatchObject({ kind: 'flaky' })
  })

  test('is flaky where another run holds with other values', () => {
    expect(unconfirmed(chargingAmount(1, 'violated'), chargingAmount(2))).toMatchObject({ kind: 'flaky' })
  })
})

describe('the first run of an exploration', () => {
  test('shows no leak where there was none', async () => {
    expect(await leaked(executorOf().execute, undefined)).toBeUndefined()
  })

  test('is run again: a leak shows as another course', async () => {
    const first = charging(1)
    const { execute, scenarios } = executorOf(
      () => charging(2),
      () => charging(2),
    )

    expect(await leaked(execute, first)).toMatchObject({ kind: 'leaks' })
    expect(scenarios).toEqual([first.scenario, first.scenario])
  })
})
