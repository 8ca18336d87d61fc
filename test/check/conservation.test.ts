import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { conservation } from '../../src/check/conservation.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { eachSumTwin, finalSumTwin } from './brute-force/late-twins.ts'
import { charge, quantityOf } from './brute-force/nouns.ts'
import type { Item } from './brute-force/random-history.ts'
import { commit, effect, historyOf, over, row } from './build-history.ts'

const account = rows<{ cents: number }>('account', () => [])
const kept = conservation(account, (a) => a.cents, { total: 100 })
const balances = conservation(journal<number[]>('balances'), (all) => all.reduce((a, b) => a + b, 0), { total: 100 })
const accounts = (...cents: number[]) => cents.map((each) => row('account', { cents: each }))

describe('conservation of rows', () => {
  test('holds when they sum to the total at the end, whenever each was written', () => {
    const history = historyOf(
      commit(5),
      commit(6),
      over(9),
      row('account', { cents: 40 }, { atMs: 5, event: 0 }),
      row('account', { cents: 60 }, { atMs: 6, event: 1 }),
    )

    expect(kept.check(history)).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated by money that is created and by money that is lost, with different kinds', () => {
    expect(
      kept.check(historyOf(commit(5), over(9), row('account', { cents: 40 }, { atMs: 5, event: 0 }), ...accounts(50))),
    ).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: '2 rows of account summed to 90 at the end; expected 100.',
          kind: 'below-total',
          of: 'account',
          events: [0, 1],
        },
      ],
    })
    expect(kept.check(historyOf(over(9), ...accounts(101))).reasons[0]).toMatchObject({
      kind: 'above-total',
      of: 'account',
    })
  })

  test('is violated when all rows are gone', () => {
    expect(kept.check(historyOf(over(9))).reasons[0]?.text).toBe(
      '0 rows of account summed to 0 at the end; expected 100.',
    )
  })

  test('is unknown at a bound, since a transfer may be half done', () => {
    expect(kept.check(historyOf(over(9, 'maxSteps'), ...accounts(90))).kind).toBe('unknown')
  })

  test('is vacuous without rows whose total is 0', () => {
    expect(conservation(account, (a) => a.cents, { total: 0 }).check(historyOf(over(9))).kind).toBe('vacuous')
  })

  test('agrees with its twin', () => {
    const item = rows<Item>('charge', () => [])

    expectAgreement(conservation(item, quantityOf, { total: 2 }), finalSumTwin(2), ['holds', 'violated', 'unknown'])
    expectAgreement(conservation(item, quantityOf, { total: 0 }), finalSumTwin(0), [
      'holds',
      'violated',
      'unknown',
      'vacuous',
    ])
  })
})

describe('conservation of snapshots', () => {
  test('holds when each sums to the total', () => {
    expect(
      balances.check(historyOf(effect(1, 'balances', [100, 0]), effect(2, 'balances', [30, 70]), over(9))).kind,
    ).toBe('holds')
  })

  test('is violated by one that does not, even at a bound', () => {
    expect(
      balances.check(historyOf(effect(1, 'balances', [100, 0]), effect(2, 'balances', [30, 0]), over(9, 'maxSteps'))),
    ).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'balances summed to 30 at 0.002 s: [30,0]; expected 100.',
          kind: 'below-total',
          of: 'balances',
          events: [1],
        },
      ],
    })
  })

  test('is unknown when an amount is not a number', () => {
    const [verdict] = check(historyOf(effect(1, 'balances', [100, Number.NaN]), over(9)), [balances])

    expect(verdict).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('balances: the amount of') as string }],
    })
    expect(() => conservation(account, (a) => a.cents, { total: Number.NaN })).toThrow(
      'conservation(account): total is NaN',
    )
  })

  test('is vacuous without any', () => {
    expect(balances.check(historyOf(over(9))).kind).toBe('vacuous')
  })

  test('agrees with its twin', () => {
    expectAgreement(conservation(charge, quantityOf, { total: 1 }), eachSumTwin(1), ['holds', 'violated', 'vacuous'])
  })
})
