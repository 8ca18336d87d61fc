import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ackDurable } from '../../src/check/ack-durable.ts'
import { rows } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { ackDurableTwin } from './brute-force/late-twins.ts'
import { charge as item, keyOf, pay as payItem } from './brute-force/nouns.ts'
import { ends, historyOf, invoke, over, row, struck } from './build-history.ts'

const save = op('save', fc.nat(), () => undefined)
const note = rows<{ id: number }>('note', () => [])
const durable = ackDurable(
  save.by((id) => id),
  note.by((n) => n.id),
)
const saved = [invoke(0, 'save', 0, 1), ends(10, 'ok', 0)]

describe('ackDurable', () => {
  test('holds when every acknowledged key is in the final state; unanswered ones may be there or not', () => {
    const unanswered = [invoke(20, 'save', 1, 2), ends(30, 'info', 1, 'timeout'), invoke(40, 'save', 2, 3)]

    expect(
      durable.check(historyOf(...saved, ...unanswered, over(50), row('note', { id: 1 }), row('note', { id: 2 }))),
    ).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated by an acknowledged key that is lost', () => {
    expect(durable.check(historyOf(...saved, struck(5), over(50)))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'save was answered ok for 1 at 0.010 s, but note is not there at the end; expected it in the ' +
            'final state.',
          kind: 'missing',
          of: 'note',
          subject: 1,
          events: [0, 1],
        },
      ],
    })
  })

  test('is violated by a key that nobody can have written, even at a bound', () => {
    const verdict = durable.check(
      historyOf(
        ...saved,
        invoke(20, 'save', 1, 2),
        ends(30, 'fail', 1, 'status 409'),
        over(50, 'maxSteps'),
        row('note', { id: 2 }),
      ),
    )

    expect(verdict).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'note happened for 2, but save failed at 0.030 s (status 409); expected none.',
          kind: 'phantom',
          of: 'note',
          subject: 2,
          events: [2, 3],
        },
      ],
    })
  })

  test('is unknown when an acknowledged key is missing at a bound', () => {
    expect(durable.check(historyOf(...saved, over(50, 'recoverForMs'))).kind).toBe('unknown')
    expect(durable.check(historyOf(...saved, over(50, 'recoverForMs'), row('note', { id: 1 }))).kind).toBe('holds')
  })

  test('is vacuous when nothing was acknowledged or written', () => {
    expect(durable.check(historyOf(over(1))).reasons[0]?.text).toContain('no "save" operation was attempted')
    expect(durable.check(historyOf(invoke(0, 'save', 0, 1), over(1))).kind).toBe('vacuous')
  })

  test('agrees with its twin', () => {
    expectAgreement(ackDurable(payItem.by(keyOf), item.by(keyOf)), ackDurableTwin, [
      'holds',
      'violated',
      'unknown',
      'vacuous',
    ])
  })
})
