import { describe, expect, test } from 'vitest'
import { authentic } from '../../src/check/authentic.ts'
import { check } from '../../src/check/check.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { authenticTwin, messageHistory } from './brute-force/budgets.ts'
import { charge, pay } from './brute-force/nouns.ts'
import type { Item } from './brute-force/random-history.ts'
import { effect, ends, historyOf, invoke, over, row } from './build-history.ts'

const message = ({ key, quantity }: Item) => ({ key, content: { cents: quantity } })
const genuine = authentic(pay.as(message), charge, message, { maxAgeMs: 300_000 })
const sent = (atMs: number, id = 0) => invoke(atMs, 'pay', id, { key: 'e-1', quantity: 5 })
const done = (atMs: number, quantity = 5) => effect(atMs, 'charge', { key: 'e-1', quantity })

describe('authentic', () => {
  test('holds when each effect comes from a message that was sent with this content', () => {
    expect(genuine.check(historyOf(sent(0), done(300_000), sent(300_000, 1), done(300_000)))).toEqual({
      kind: 'holds',
      reasons: [],
    })
    expect(genuine.check(historyOf(sent(0), ends(1, 'fail', 0), done(2))).kind).toBe('holds')
  })

  test('is violated by a forged message: nobody sent it, or somebody else did', () => {
    expect(genuine.check(historyOf(done(10), sent(20))).reasons).toEqual([
      {
        text: 'charge happened for "e-1" at 0.010 s, but no pay had sent it; expected no effect of a forged message.',
        kind: 'forged',
        of: 'charge',
        subject: 'e-1',
        events: [0],
      },
    ])
    expect(
      genuine.check(historyOf(invoke(0, 'attack', 0, { key: 'e-1', quantity: 5 }), done(10))).reasons[0],
    ).toMatchObject({ kind: 'forged', of: 'charge' })
  })

  test('is violated by a tampered message', () => {
    expect(genuine.check(historyOf(sent(0), done(10, 900))).reasons).toEqual([
      {
        text:
          'charge happened for "e-1" at 0.010 s, with {"cents":900}, but pay sent {"cents":5} at 0.000 s; ' +
          'expected no effect of a tampered message.',
        kind: 'tampered',
        of: 'charge',
        subject: 'e-1',
        events: [0, 1],
      },
    ])
  })

  test('is violated by a replayed message, and by a stale one', () => {
    expect(genuine.check(historyOf(sent(0), done(10), done(20))).reasons).toEqual([
      {
        text:
          'charge happened for "e-1" at 0.020 s, but each pay that sent it (the last at 0.000 s) accounts for ' +
          'another one; expected no effect of a replayed message.',
        kind: 'replayed',
        of: 'charge',
        subject: 'e-1',
        events: [0, 2],
      },
    ])
    expect(genuine.check(historyOf(sent(0), done(300_001))).reasons[0]).toMatchObject({
      text:
        'charge happened for "e-1" at 300.001 s, but pay sent it at 0.000 s, more than 300.000 s before; ' +
        'expected ' +
        'no effect of a stale message.',
      kind: 'expired',
      of: 'charge',
    })
  })

  test('treats rows without a time as fresh', () => {
    expect(genuine.check(historyOf(sent(0), over(999_999), row('charge', { key: 'e-1', quantity: 5 }))).kind).toBe(
      'holds',
    )
    expect(
      genuine.check(
        historyOf(sent(0), row('charge', { key: 'e-1', quantity: 5 }), row('charge', { key: 'e-1', quantity: 5 })),
      ).reasons[0],
    ).toMatchObject({ kind: 'replayed', of: 'charge' })
  })

  test('is unknown when a key is not a key, or can never match', () => {
    expect(check(historyOf(effect(1, 'charge', {})), [genuine])[0]?.kind).toBe('unknown')
    expect(
      check(historyOf(sent(0), effect(1, 'charge', { key: 1, quantity: 5 })), [genuine])[0]?.reasons[0]?.text,
    ).toContain('which can never be equal')
  })

  test('is vacuous without an effect', () => {
    expect(genuine.check(historyOf(sent(0))).reasons[0]?.text).toContain('no "charge" effect happened')
  })

  test('refuses an empty list of operations, and a limit that is not above 0', () => {
    expect(() => authentic([], charge, message)).toThrow('name at least one operation')
    expect(() => authentic(pay.as(message), charge, message, { maxAgeMs: 0 })).toThrow('maxAgeMs is 0')
  })

  test('agrees with its twin', () => {
    const plain = ({ key, quantity }: Item) => ({ key, content: quantity })

    expectAgreement(
      authentic(pay.as(plain), charge, plain, { maxAgeMs: 4 }),
      authenticTwin(4),
      ['holds', 'violated', 'unknown', 'vacuous'],
      messageHistory,
    )
    expectAgreement(
      authentic(pay.as(plain), charge, plain),
      authenticTwin(Infinity),
      ['holds', 'violated', 'unknown', 'vacuous'],
      messageHistory,
    )
  })
})
