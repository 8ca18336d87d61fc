import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atLeastOnce } from '../../src/check/at-least-once.ts'
import { journal } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { charge as item, keyOf, pay as payItem } from './brute-force/nouns.ts'
import { atLeastOnceTwin } from './brute-force/twins.ts'
import { effect, ends, historyOf, invoke, over, struck } from './build-history.ts'

const order = op('order', fc.nat(), () => undefined)
const email = journal<{ order: number }>('email')
const sent = atLeastOnce(
  order.by((id) => id),
  email.by((e) => e.order),
)
const accepted = [invoke(0, 'order', 0, 1), ends(10, 'ok', 0)]

describe('atLeastOnce', () => {
  test('holds when every accepted operation has an effect, however many and however late', () => {
    expect(
      sent.check(
        historyOf(...accepted, effect(500, 'email', { order: 1 }), effect(600, 'email', { order: 1 }), over(700)),
      ).kind,
    ).toBe('holds')
  })

  test('is violated when an effect is missing and nothing is left that could make it', () => {
    expect(sent.check(historyOf(...accepted, struck(5), over(700)))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'order was answered ok for 1 at 0.010 s, but email never happened for it; expected at least one.',
          kind: 'missing',
          of: 'email',
          subject: 1,
          events: [0, 1],
        },
      ],
    })
  })

  test('is unknown at a bound', () => {
    expect(sent.check(historyOf(...accepted, over(700, 'recoverForMs'))).kind).toBe('unknown')
  })

  test('is vacuous when nothing was accepted', () => {
    const failed = sent.check(historyOf(invoke(0, 'order', 0, 1), ends(10, 'fail', 0), over(20)))

    expect(failed).toMatchObject({
      kind: 'vacuous',
      reasons: [{ text: expect.stringContaining('no "order" operation was answered ok') as string }],
    })
    expect(sent.check(historyOf(over(20))).reasons[0]?.text).toContain('was attempted')
  })

  test('agrees with its twin', () => {
    expectAgreement(atLeastOnce(payItem.by(keyOf), item.by(keyOf)), atLeastOnceTwin, [
      'holds',
      'violated',
      'unknown',
      'vacuous',
    ])
  })
})
