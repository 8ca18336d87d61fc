import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { exactlyOnce } from '../../src/check/exactly-once.ts'
import { requests } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { charge as item, keyOf, pay as payItem } from './brute-force/nouns.ts'
import { exactlyOnceTwin } from './brute-force/twins.ts'
import { effect, ends, historyOf, invoke, over, struck, type Line } from './build-history.ts'

const pay = op('pay', fc.record({ order: fc.string() }), () => undefined)
const charge = requests(
  'charge',
  'POST https://api.bank.com/charges',
  async (r) => (await r.json()) as { order: string },
)
const once = exactlyOnce(
  pay.by((p) => p.order),
  charge.by((c) => c.order),
)

const order = (id: string) => ({ order: id })
const paid = (id: string): Line[] => [invoke(0, 'pay', 0, order(id)), ends(80, 'ok', 0)]

describe('exactlyOnce', () => {
  test('holds when every operation that was answered ok has one effect', () => {
    expect(once.check(historyOf(...paid('o-1'), effect(60, 'charge', order('o-1')), over(90)))).toEqual({
      kind: 'holds',
      reasons: [],
    })
  })

  test('holds when an operation without an answer has one effect, or none', () => {
    const unanswered = [
      invoke(0, 'pay', 0, order('o-1')),
      ends(80, 'info', 0, 'timeout'),
      invoke(1, 'pay', 1, order('o-2')),
    ]

    expect(once.check(historyOf(...unanswered, effect(60, 'charge', order('o-1')), over(90))).kind).toBe('holds')
  })

  test('counts several operations with one key as one', () => {
    const doubleClick = [
      invoke(0, 'pay', 0, order('o-1')),
      invoke(1, 'pay', 1, order('o-1')),
      ends(80, 'ok', 0),
      ends(81, 'ok', 1),
    ]

    expect(once.check(historyOf(...doubleClick, effect(60, 'charge', order('o-1')), over(90))).kind).toBe('holds')
    expect(
      once.check(
        historyOf(...doubleClick, effect(60, 'charge', order('o-1')), effect(61, 'charge', order('o-1')), over(90)),
      ).kind,
    ).toBe('violated')
  })

  test('is violated by a second effect, and points at the first and the operation too', () => {
    const history = historyOf(
      invoke(0, 'pay', 0, order('o-1')),
      effect(60, 'charge', order('o-1')),
      effect(5_120, 'charge', order('o-1')),
      ends(5_200, 'ok', 0),
      over(6_000, 'recoverForMs'),
    )

    expect(once.check(history)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'charge happened twice for "o-1": at 0.060 s and at 5.120 s; expected exactly one.',
          kind: 'too-many',
          of: 'charge',
          subject: 'o-1',
          events: [2],
          against: [0, 1, 3],
        },
      ],
    })
  })

  test('is violated by a second effect even if no operation was answered ok', () => {
    const unanswered = [invoke(0, 'pay', 0, order('o-1')), ends(80, 'info', 0, 'timeout')]
    const verdict = once.check(
      historyOf(...unanswered, effect(60, 'charge', order('o-1')), effect(70, 'charge', order('o-1')), over(90)),
    )

    expect(verdict.reasons[0]?.text).toBe(
      'charge happened twice for "o-1": at 0.060 s and at 0.070 s; expected at most one, as no pay for it was ' +
        'answered ok.',
    )
  })

  test('is violated by an acknowledged operation without an effect', () => {
    const history = historyOf(...paid('o-1'), effect(60, 'charge', order('o-2')), struck(70), over(90))

    expect(once.check(history)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'pay was answered ok for "o-1" at 0.080 s, but charge never happened for it; expected exactly one.',
          kind: 'missing',
          of: 'charge',
          subject: 'o-1',
          events: [0, 1],
        },
      ],
    })
  })

  test('suspects the pattern when an effect never happens and no fault struck, under the same kind', () => {
    const [reason] = once.check(historyOf(...paid('o-1'), over(90))).reasons

    expect(reason).toMatchObject({ kind: 'missing', of: 'charge' })
    expect(reason?.text).toMatch(
      / No charge happened in this whole history, and no fault struck: does "POST https:\/\/api\.bank\.com\/charges" match/,
    )
    expect(once.check(historyOf(...paid('o-1'), struck(60), over(90))).reasons[0]?.text).not.toContain('whole history')
  })

  test('is unknown at a bound, when a missing effect might still have come', () => {
    const verdict = once.check(historyOf(...paid('o-1'), over(90, 'maxSteps')))

    expect(verdict.kind).toBe('unknown')
    expect(verdict.reasons[0]?.text).toMatch(
      /^the history ended at its bound maxSteps, with work left to do, when this was so: pay was answered ok for "o-1"/,
    )
    expect(once.check(historyOf(...paid('o-1'))).reasons[0]?.text).toMatch(/^the history has no end/)
  })

  test('is unknown when the keys of both sides can never be equal', () => {
    const [verdict] = check(historyOf(...paid('7'), effect(60, 'charge', { order: 7 }), over(90)), [once])

    expect(verdict?.kind).toBe('unknown')
    expect(verdict?.reasons[0]?.text).toContain(
      'pay.by(...) gives the string "7" and charge.by(...) the number 7, which can never be equal',
    )
  })

  test('is vacuous when the operation was never attempted, or never had an effect or an ok answer', () => {
    expect(once.check(historyOf(effect(1, 'charge', order('o-1')), over(2)))).toMatchObject({
      kind: 'vacuous',
      reasons: [{ text: 'no "pay" operation was attempted: is it in the system\'s operations?' }],
    })

    const refused = once.check(historyOf(invoke(0, 'pay', 0, order('o-1')), ends(1, 'fail', 0, 'status 409'), over(2)))

    expect(refused.kind).toBe('vacuous')
    expect(refused.reasons[0]?.text).toMatch(
      /^no "pay" operation was answered ok and no "charge" effect happened: does "POST/,
    )
  })

  test('agrees with its twin', () => {
    expectAgreement(exactlyOnce(payItem.by(keyOf), item.by(keyOf)), exactlyOnceTwin, [
      'holds',
      'violated',
      'unknown',
      'vacuous',
    ])
  })
})
