import { describe, expect, test } from 'vitest'
import { latencyBudget } from '../../src/check/latency-budget.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { latencyTwin } from './brute-force/budgets.ts'
import { pay } from './brute-force/nouns.ts'
import { ends, historyOf, invoke, over, type Line } from './build-history.ts'

/** One operation for each of these durations, in milliseconds. */
const took = (...all: readonly (readonly [count: number, ms: number])[]): readonly Line[] =>
  all
    .flatMap(([count, ms]) => Array.from({ length: count }, () => ms))
    .flatMap((ms, id) => [invoke(0, 'pay', id), ends(ms, 'ok', id)])

describe('latencyBudget', () => {
  test('holds when the share of operations is within the limit, or exactly at it', () => {
    const limits = latencyBudget({ p50: 100, p99: 1_000 }, pay)

    expect(limits.check(historyOf(...took([50, 100], [49, 1_000], [1, 9_000]), over(9_999)))).toEqual({
      kind: 'holds',
      reasons: [],
    })
  })

  test('is violated by one slow operation too many', () => {
    const { reasons } = latencyBudget({ p99: 1_000 }, pay).check(
      historyOf(...took([97, 100], [1, 2_000], [1, 3_000]), over(9_999)),
    )

    expect(reasons).toEqual([
      {
        text:
          'p99 of pay was 3.000 s: 2 of 99 took longer than 1.000 s, the slowest pay of client 0, invoked at ' +
          '0.000 s and ended at 3.000 s; expected p99 within that.',
        kind: 'percentile-too-slow',
        of: 'p99 of pay',
        events: [194, 195, 196, 197],
      },
    ])
    expect(
      latencyBudget({ p50: 99 }).check(historyOf(...took([49, 99], [51, 100]), over(9_999))).reasons[0],
    ).toMatchObject({ kind: 'percentile-too-slow', of: 'p50 of all operations' })
  })

  test('is violated by an operation that never ends, and unknown when it may still end', () => {
    const open = [...took([1, 5]), invoke(0, 'pay', 9)]

    expect(latencyBudget({ max: 50 }).check(historyOf(...open, over(9))).reasons[0]?.text).toBe(
      'max of all operations was never reached: 1 of 2 took longer than 0.050 s, the slowest pay of client 0, ' +
        'invoked at 0.000 s and never ended; expected max within that.',
    )
    expect(latencyBudget({ max: 50 }).check(historyOf(...open)).reasons[0]?.text).toContain(
      'operations were open that decide whether max is within 0.050 s',
    )
    expect(latencyBudget({ max: 50 }).check(historyOf(...open, over(51, 'maxSteps'))).kind).toBe('violated')
    expect(latencyBudget({ p50: 50 }).check(historyOf(...open, over(9, 'maxSteps'))).kind).toBe('holds')
  })

  test('is vacuous without operations', () => {
    expect(latencyBudget({ max: 50 }, pay).check(historyOf(over(9))).reasons[0]?.text).toBe(
      'no "pay" operation was invoked: is it in the system\'s operations?',
    )
  })

  test('is refused without limits', () => {
    expect(() => latencyBudget({})).toThrow('give a limit')
    expect(() => latencyBudget({ p99: 0 })).toThrow('p99 is 0')
  })

  test('agrees with its twin', () => {
    expectAgreement(
      latencyBudget({ p50: 4, max: 7 }),
      latencyTwin([
        ['p50', 500, 4],
        ['max', 1_000, 7],
      ]),
      ['holds', 'violated', 'unknown', 'vacuous'],
    )
    expectAgreement(latencyBudget({ p90: 8 }), latencyTwin([['p90', 900, 8]]), [
      'holds',
      'violated',
      'unknown',
      'vacuous',
    ])
  })
})
