import { describe, expect, test } from 'vitest'
import { boundedCall } from '../../src/check/bounded-call.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { pay } from './brute-force/nouns.ts'
import { boundedCallTwin } from './brute-force/twins.ts'
import { ends, historyOf, invoke, over } from './build-history.ts'

describe('boundedCall', () => {
  test('holds when every operation ends within the limit, or exactly at it', () => {
    expect(boundedCall(1_000).check(historyOf(invoke(20, 'pay', 0), ends(1_020, 'info', 0), over(1_100))).kind).toBe(
      'holds',
    )
  })

  test('is violated by an operation that takes longer', () => {
    expect(boundedCall(1_000).check(historyOf(invoke(20, 'pay', 0), ends(5_180, 'ok', 0), over(6_000)))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'pay of client 0, invoked at 0.020 s, took 5.160 s until 5.180 s; expected at most 1.000 s.',
          kind: 'too-slow',
          of: 'pay',
          events: [0, 1],
        },
      ],
    })
  })

  test('is violated by an operation that is pending after its limit, even at a bound', () => {
    const verdict = boundedCall(1_000).check(historyOf(invoke(0, 'pay', 0), over(1_001, 'recoverForMs')))

    expect(verdict.kind).toBe('violated')
    expect(verdict.reasons[0]).toMatchObject({ kind: 'too-slow', of: 'pay', events: [0, 1] })
    expect(verdict.reasons[0]?.text).toBe(
      'pay of client 0, invoked at 0.000 s, was still pending at 1.001 s, when the history ended; expected at ' +
        'most 1.000 s.',
    )
  })

  test('is violated by an operation that is pending when all is quiet, since it would never end', () => {
    expect(boundedCall(1_000).check(historyOf(invoke(0, 'pay', 0), over(500))).kind).toBe('violated')
  })

  test('is unknown when the history ended before the limit', () => {
    expect(boundedCall(1_000).check(historyOf(invoke(0, 'pay', 0), over(1_000, 'maxSteps'))).kind).toBe('unknown')
    expect(boundedCall(1_000).check(historyOf(invoke(0, 'pay', 0))).kind).toBe('unknown')
  })

  test('is vacuous when the operation was not invoked', () => {
    expect(
      boundedCall(1_000, pay).check(historyOf(invoke(0, 'read', 0), ends(9_000, 'ok', 0), over(9_000))),
    ).toMatchObject({
      kind: 'vacuous',
      reasons: [{ text: 'no "pay" operation was invoked: is it in the system\'s operations?' }],
    })
    expect(boundedCall(1_000).check(historyOf(over(1))).kind).toBe('vacuous')
  })

  test.each([0, -1, Number.NaN])('refuses a limit of %s', (ms) => {
    expect(() => boundedCall(ms)).toThrow('give milliseconds above 0')
  })

  test.each([
    [8, ['pay', 'buy'], boundedCall(8)],
    [7, ['pay'], boundedCall(7, pay)],
  ] as const)('agrees with its twin for %s ms of %s', (ms, operations, invariant) => {
    expectAgreement(invariant, boundedCallTwin(ms, operations), ['holds', 'violated', 'unknown', 'vacuous'])
  })
})
