import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { idempotentReplay } from '../../src/check/idempotent-replay.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { idempotentReplayTwin } from './brute-force/late-twins.ts'
import { keyOf, pay as payItem } from './brute-force/nouns.ts'
import { answeredHistory } from './brute-force/random-replays.ts'
import { answers, ends, historyOf, invoke, over, type Line } from './build-history.ts'

const pay = op('pay', fc.record({ key: fc.string(), amount: fc.nat() }), () => undefined)
const replays = idempotentReplay(pay.by((p) => p.key))

/** Operations one after the other: the amount, and the answer or how the operation ended. */
type Paid = readonly [amount: number, answer: unknown]
const paid = (...calls: readonly Paid[]): Line[] =>
  calls.flatMap(([amount, answer], id) => [
    invoke(10 * id, 'pay', id, { key: 'k', amount }),
    answer === 'fail' || answer === 'info' ? ends(10 * id + 5, answer, id) : answers(10 * id + 5, id, answer),
  ])
const created = { status: 201, body: 'ch_1' }
const verdict = (...calls: readonly Paid[]) => replays.check(historyOf(...paid(...calls), over(99)))

describe('idempotentReplay', () => {
  test('holds when the same request gets the same answer, whatever happened in between', () => {
    expect(verdict([1, created], [1, 'info'], [1, 'fail'], [1, { ...created }])).toEqual({ kind: 'holds', reasons: [] })
  })

  test('holds when another payload is refused, or was never accepted before', () => {
    expect(verdict([1, created], [2, 'fail']).kind).toBe('holds')
    expect(verdict([1, 'fail'], [2, created], [2, created]).kind).toBe('holds')
    expect(verdict([1, 'info'], [2, created], [2, created]).kind).toBe('holds')
  })

  test('is violated by another answer', () => {
    expect(verdict([1, created], [1, created], [1, { status: 201, body: 'ch_2' }])).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'pay was answered {"status":201,"body":"ch_1"} for "k" at 0.005 s, and {"status":201,"body":"ch_2"} ' +
            'at 0.025 s for the same; expected the same answer.',
          kind: 'different-answers',
          of: 'pay',
          subject: 'k',
          events: [0, 1, 4, 5],
        },
      ],
    })
    expect(verdict([1, created], [1, { ...created, status: 200 }]).kind).toBe('violated')
  })

  test('is violated when a key is accepted for another payload', () => {
    expect(verdict([1, created], [2, created])).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'pay was answered ok for "k" with {"key":"k","amount":1} at 0.005 s, and with {"key":"k","amount":2} ' +
            'at 0.015 s; expected that a key is refused for another payload.',
          kind: 'reused-key',
          of: 'pay',
          subject: 'k',
          events: [0, 1, 2, 3],
        },
      ],
    })
  })

  test('is violated no matter how the history ended', () => {
    expect(replays.check(historyOf(...paid([1, created], [2, created]), over(99, 'maxSteps'))).kind).toBe('violated')
  })

  test('compares the part of the answer that it is given', () => {
    const bodies = idempotentReplay(
      pay.by((p) => p.key),
      { answer: (value) => (value as typeof created).body },
    )

    expect(bodies.check(historyOf(...paid([1, created], [1, { ...created, status: 200 }]))).kind).toBe('holds')
  })

  test('is unknown when a key is not a key', () => {
    const [keyless] = check(historyOf(invoke(0, 'pay', 0, {}), ends(1, 'ok', 0)), [replays])

    expect(keyless).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('pay.by(...) gave undefined') as string }],
    })
  })

  test('is vacuous when no key was used twice', () => {
    expect(verdict([1, created])).toMatchObject({
      kind: 'vacuous',
      reasons: [{ text: expect.stringContaining('no key of "pay" was answered ok twice') as string }],
    })
    expect(verdict([1, created], [1, 'fail'], [2, 'info']).kind).toBe('vacuous')
    expect(verdict([1, 'info'], [1, 'info']).reasons[0]?.text).toContain('no "pay" operation was answered ok')
    expect(verdict().reasons[0]?.text).toContain('no "pay" operation was attempted')
  })

  test('agrees with its twin', () => {
    expectAgreement(
      idempotentReplay(payItem.by(keyOf)),
      idempotentReplayTwin,
      ['holds', 'violated', 'unknown', 'vacuous'],
      answeredHistory,
    )
  })
})
