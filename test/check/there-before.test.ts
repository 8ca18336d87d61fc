// Rows that were there when a history began: state for checkers of state, nobody's effect for those of effects. They
// satisfy "at least one" and never add to "at most one".
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ackDurable } from '../../src/check/ack-durable.ts'
import { always } from '../../src/check/always.ts'
import { atLeastOnce } from '../../src/check/at-least-once.ts'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { authentic } from '../../src/check/authentic.ts'
import { check } from '../../src/check/check.ts'
import { conservation } from '../../src/check/conservation.ts'
import { convergence } from '../../src/check/convergence.ts'
import { eventually } from '../../src/check/eventually.ts'
import { exactlyOnce } from '../../src/check/exactly-once.ts'
import { noOversell } from '../../src/check/no-oversell.ts'
import { noPhantom } from '../../src/check/no-phantom.ts'
import { queueDelivery } from '../../src/check/queue-delivery.ts'
import { runsOncePerSlot } from '../../src/check/runs-once-per-slot.ts'
import { saga } from '../../src/check/saga.ts'
import { rows } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import type { Invariant } from '../../src/verdict/verdict.ts'
import { ends, historyOf, invoke, over, row, type Line } from './build-history.ts'

const pay = op('pay', fc.string(), () => undefined)
const [asked, paid] = [pay.by((id) => id), rows<string>('paid', () => [])]
const made = paid.by((id) => id)

/** An operation on a key, answered as it says. */
function pays(key: string, end: 'ok' | 'info' | 'fail' = 'ok'): readonly Line[] {
  return [invoke(0, 'pay', 0, key), ends(5, end, 0)]
}

function before(value: unknown, effect = 'paid'): Line {
  return { kind: 'reading', reading: { effect, value, wasThere: true } }
}

function now(value: unknown, effect = 'paid'): Line {
  return row(effect, value)
}

function verdictOf(invariant: Invariant, ...lines: readonly Line[]): string | undefined {
  return check(historyOf(...lines, over(100_000)), [invariant])[0]?.kind
}

describe.each([
  ['exactlyOnce', exactlyOnce(asked, made)],
  ['atLeastOnce', atLeastOnce(asked, made)],
  ['ackDurable', ackDurable(asked, made)],
  ['queueDelivery', queueDelivery(asked, made)],
  ['convergence', convergence([made, rows<string>('copied', () => []).by((id) => id)], asked)],
])('%s', (name, invariant) => {
  const copied = (...values: readonly string[]): readonly Line[] =>
    name === 'convergence' ? values.map((value) => now(value, 'copied')) : []

  test('takes what was there for the one that has to be there', () => {
    expect(verdictOf(invariant, ...pays('a'), before('a'), ...copied('a'))).toBe('holds')
  })

  test('asks for what was there for nobody', () => {
    const copiesThere = name === 'convergence' ? [before('seed', 'copied')] : []
    expect(verdictOf(invariant, ...pays('a'), now('a'), before('seed'), ...copied('a'), ...copiesThere)).toBe('holds')
  })

  test('still misses what is not there', () => {
    expect(verdictOf(invariant, ...pays('a'), before('b'), ...copied('b'))).toBe('violated')
  })
})

test.each([
  ['exactlyOnce', exactlyOnce(asked, made)],
  ['queueDelivery', queueDelivery(asked, made)],
])('%s counts what came up, and not what was there', (_, invariant) => {
  expect(verdictOf(invariant, ...pays('a'), before('a'), before('a'), now('a'))).toBe('holds')
  expect(verdictOf(invariant, ...pays('a'), before('a'), now('a'), now('a'))).toBe('violated')
})

test('atMostOnce counts what came up, and not what was there', () => {
  expect(verdictOf(atMostOnce(made), before('a'), before('a'), now('a'))).toBe('holds')
  expect(verdictOf(atMostOnce(made), before('a'), now('a'), now('a'))).toBe('violated')
  expect(verdictOf(atMostOnce(made), before('a'), before('a'))).toBe('vacuous')
})

test('noPhantom ignores what was there, also under a key that failed', () => {
  const invariant = noPhantom(asked, made)
  expect(verdictOf(invariant, ...pays('a'), now('a'), before('seed'))).toBe('holds')
  expect(verdictOf(invariant, ...pays('a', 'fail'), before('a'), now('a'))).toBe('violated')
  expect(verdictOf(invariant, ...pays('a', 'fail'), before('a'))).toBe('vacuous')
})

test.each([
  ['ackDurable', ackDurable(asked, made)],
  ['queueDelivery', queueDelivery(asked, made)],
])('%s still finds what came up from nowhere', (_, invariant) => {
  expect(verdictOf(invariant, ...pays('a'), now('a'), now('z'), before('seed'))).toBe('violated')
})

test('authentic asks no message for what was there', () => {
  const invariant = authentic(
    pay.as((id) => ({ key: id })),
    paid,
    (id) => ({ key: id }),
  )
  expect(verdictOf(invariant, ...pays('a'), now('a'), before('seed'), before('a'))).toBe('holds')
  expect(verdictOf(invariant, ...pays('a'), now('a'), now('seed'))).toBe('violated')
})

describe('saga', () => {
  const steps = ['flight', 'hotel'].map((name) => ({ done: rows<string>(name, () => []).by((id) => id) }))
  const invariant = saga(steps, { operation: asked })

  test('leaves alone what was half done before and is touched by nobody', () => {
    const whole = [now('a', 'flight'), now('a', 'hotel')]
    expect(verdictOf(invariant, ...pays('a'), ...whole, before('old', 'flight'))).toBe('holds')
  })

  test('takes what was there as done, where it is gone on with', () => {
    expect(verdictOf(invariant, ...pays('a'), before('a', 'flight'), now('a', 'hotel'))).toBe('holds')
    expect(verdictOf(invariant, ...pays('b'), before('a', 'flight'), now('a', 'hotel'))).toBe('violated')
    expect(verdictOf(invariant, ...pays('a', 'info'), before('a', 'flight'))).toBe('violated')
  })
})

test('runsOncePerSlot takes what was there for the run of its slot, and not for a second one', () => {
  const report = rows<number>('report', () => [])
  const invariant = runsOncePerSlot(report, { everyMs: 40_000, firstMs: 0, slot: (n) => n })
  expect(verdictOf(invariant, before(0, 'report'), now(0, 'report'), now(1, 'report'))).toBe('holds')
  expect(verdictOf(invariant, before(0, 'report'), now(1, 'report'))).toBe('holds')
  expect(verdictOf(invariant, before(0, 'report'), now(1, 'report'), now(1, 'report'))).toBe('violated')
})

test('for checkers of state it is state', () => {
  const cents = rows<number>('cents', () => [])
  expect(
    verdictOf(
      conservation(cents, (n) => n, { total: 10 }),
      before(7, 'cents'),
      now(3, 'cents'),
    ),
  ).toBe('holds')
  const all = (values: readonly number[]): boolean => values.length === 2
  expect(verdictOf(always('two', cents, all), before(7, 'cents'), now(3, 'cents'))).toBe('holds')
  expect(verdictOf(eventually('two', cents, all), ...pays('a'), before(7, 'cents'), now(3, 'cents'))).toBe('holds')
  expect(verdictOf(noOversell(made, { stock: 1 }), before('a'), now('a'))).toBe('violated')
})
