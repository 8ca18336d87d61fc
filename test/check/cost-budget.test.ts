import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { costBudget } from '../../src/check/cost-budget.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { costTwin, spendingHistory, stores } from './brute-force/budgets.ts'
import { pay } from './brute-force/nouns.ts'
import { historyOf, invoke, sends } from './build-history.ts'

const link = { root: 'pay#0', from: 'shop', to: 'bank' }
const begun = invoke(0, 'pay', 0, {})

describe('costBudget', () => {
  test('holds when every operation stays within the limits', () => {
    expect(
      costBudget({ calls: 2 }).check(
        historyOf(begun, sends(0, link), sends(1, { ...link, to: 'mail' }), sends(1, { ...link, root: 'boot(shop)' })),
      ),
    ).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated by an operation that causes more, on all links together', () => {
    expect(
      costBudget({ calls: 3 }, pay).check(
        historyOf(
          begun,
          sends(0, { ...link, from: 'client', to: 'shop' }),
          sends(1, link),
          sends(2, link),
          sends(3, link),
        ),
      ).reasons,
    ).toEqual([
      {
        text:
          'pay#0 caused 4 requests by 0.003 s: 3 of POST /work shop -> bank and 1 of POST /work client -> shop; ' +
          'expected at most 3.',
        kind: 'too-many-requests',
        of: 'pay',
        events: [4],
        against: [1, 2, 3],
      },
    ])
    expect(
      costBudget({ storeCalls: 1 }).check(historyOf(begun, stores(0, 'pay#0'), stores(0, 'pay#0'))).reasons[0]?.text,
    ).toBe('pay#0 caused 2 store calls by 0.000 s: 2 of select items shop -> db; expected at most 1.')
  })

  test('is unknown when the history is malformed', () => {
    // A call that only JavaScript allows
    expect(check({ ...historyOf(), events: undefined as never }, [costBudget({ calls: 1 })])[0]?.kind).toBe('unknown')
  })

  test('is vacuous when no operation caused anything', () => {
    expect(costBudget({ calls: 1 }, pay).check(historyOf(begun, stores(0, 'pay#0'))).reasons[0]?.text).toBe(
      'no "pay" operation caused a request.',
    )
    expect(costBudget({ calls: 1, storeCalls: 1 }).check(historyOf(begun)).reasons[0]?.text).toBe(
      'no operation caused a request or a store call.',
    )
  })

  test('is refused without limits', () => {
    expect(() => costBudget({})).toThrow('give a limit: calls or storeCalls')
    expect(() => costBudget({ calls: 0 })).toThrow('costBudget(calls 0): calls is 0')
  })

  test('agrees with its twin', () => {
    expectAgreement(
      costBudget({ calls: 1 }),
      costTwin({ calls: 1 }, ['pay#0', 'pay#1', 'buy#2']),
      ['holds', 'violated', 'vacuous'],
      spendingHistory,
    )
    expectAgreement(
      costBudget({ calls: 2, storeCalls: 1 }, pay),
      costTwin({ calls: 2, storeCalls: 1 }, ['pay#0', 'pay#1'], 'pay'),
      ['holds', 'violated', 'vacuous'],
      spendingHistory,
    )
  })
})
