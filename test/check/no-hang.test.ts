import { describe, expect, test } from 'vitest'
import { noHang } from '../../src/check/no-hang.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { noHangTwin } from './brute-force/twins.ts'
import { ends, historyOf, invoke, over } from './build-history.ts'

describe('noHang', () => {
  test.each(['ok', 'fail', 'info'] as const)('holds when every operation ended %s', (kind) => {
    expect(noHang().check(historyOf(invoke(0, 'pay', 0), ends(80, kind, 0), over(90))).kind).toBe('holds')
  })

  test('is violated by an operation that is pending when all is quiet', () => {
    expect(
      noHang().check(
        historyOf(invoke(20, 'pay', 0, undefined, 1), invoke(30, 'read', 1), ends(80, 'ok', 1), over(300_000)),
      ),
    ).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'pay of client 1, invoked at 0.020 s, never ended: nothing was left that could end it; expected an ' +
            'answer or a timeout.',
          kind: 'pending',
          of: 'pay',
          events: [0, 3],
        },
      ],
    })
  })

  test('is unknown when an operation is pending at a bound', () => {
    const verdict = noHang().check(historyOf(invoke(0, 'pay', 0), over(90, 'maxSteps')))

    expect(verdict.kind).toBe('unknown')
    expect(verdict.reasons[0]?.text).toContain('maxSteps')
    expect(verdict.reasons[0]?.text).toContain('pay of client 0')
  })

  test('holds at a bound when nothing is pending', () => {
    expect(noHang().check(historyOf(invoke(0, 'pay', 0), ends(80, 'ok', 0), over(90, 'maxSteps'))).kind).toBe('holds')
  })

  test('is vacuous without operations', () => {
    expect(noHang().check(historyOf(over(90)))).toMatchObject({
      kind: 'vacuous',
      reasons: [{ text: 'no operation was invoked: does the workload have any?' }],
    })
  })

  test('agrees with its twin', () => {
    expectAgreement(noHang(), noHangTwin, ['holds', 'violated', 'unknown', 'vacuous'])
  })
})
