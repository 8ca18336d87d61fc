import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { noPhantom } from '../../src/check/no-phantom.ts'
import { journal } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { buy as buyItem, charge as item, keyOf, pay as payItem } from './brute-force/nouns.ts'
import { noPhantomTwin } from './brute-force/twins.ts'
import { effect, ends, historyOf, invoke, over } from './build-history.ts'

const pay = op('pay', fc.string(), () => undefined).by((id) => id)
const renew = op('renew', fc.string(), () => undefined).by((id) => id)
const charge = journal<string>('charge').by((id) => id)
const asked = noPhantom(pay, charge)

describe('noPhantom', () => {
  test('holds when every effect may come from an operation', () => {
    const mayHave = [
      invoke(0, 'pay', 0, 'a'),
      ends(9, 'ok', 0),
      invoke(0, 'pay', 1, 'b'),
      ends(9, 'info', 1),
      invoke(0, 'pay', 2, 'c'),
    ]

    expect(
      asked.check(historyOf(...mayHave, ...['a', 'b', 'c'].map((id) => effect(5, 'charge', id)), over(20))).kind,
    ).toBe('holds')
  })

  test('holds when one of several operations with the key did not fail', () => {
    const both = [invoke(0, 'pay', 0, 'a'), ends(2, 'fail', 0), invoke(3, 'pay', 1, 'a'), ends(9, 'info', 1)]

    expect(asked.check(historyOf(...both, effect(5, 'charge', 'a'), over(20))).kind).toBe('holds')
  })

  test('is violated by an effect whose operation definitely failed', () => {
    expect(
      asked.check(
        historyOf(invoke(0, 'pay', 0, 'a'), effect(60, 'charge', 'a'), ends(80, 'fail', 0, 'status 409'), over(90)),
      ),
    ).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'charge happened for "a" at 0.060 s, but pay failed at 0.080 s (status 409); expected none.',
          kind: 'phantom',
          of: 'charge',
          subject: 'a',
          events: [0, 1, 2],
        },
      ],
    })
  })

  test('is violated by an effect that nobody asked for, even at a bound', () => {
    expect(
      asked.check(
        historyOf(invoke(0, 'pay', 0, 'a'), effect(60, 'charge', 'z'), effect(61, 'charge', 'z'), over(90, 'maxSteps')),
      ),
    ).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'charge happened twice for "z" at 0.060 s, but no pay was ever invoked for it; expected none.',
          kind: 'phantom',
          of: 'charge',
          subject: 'z',
          events: [1, 2],
        },
      ],
    })
  })

  test('considers all the operations that are named', () => {
    const history = historyOf(invoke(0, 'renew', 0, 'a'), ends(9, 'ok', 0), effect(5, 'charge', 'a'), over(20))

    expect(noPhantom([pay, renew], charge).check(history).kind).toBe('holds')
    expect(asked.check(history).kind).toBe('violated')
    expect(
      noPhantom([pay, renew], charge).check(historyOf(effect(5, 'charge', 'a'), over(20))).reasons[0]?.text,
    ).toContain('no pay or renew was ever invoked')
  })

  test('is unknown when keys can never be equal', () => {
    expect(check(historyOf(invoke(0, 'pay', 0, '7'), effect(5, 'charge', 7), over(20)), [asked])[0]?.kind).toBe(
      'unknown',
    )
  })

  test('is vacuous without any effect, even after rejections', () => {
    expect(asked.check(historyOf(invoke(0, 'pay', 0, 'a'), ends(9, 'fail', 0), over(20)))).toMatchObject({
      kind: 'vacuous',
      reasons: [{ text: expect.stringContaining('no "charge" effect happened') as string }],
    })
  })

  test('refuses an empty list of operations', () => {
    expect(() => noPhantom([], charge)).toThrow('name at least one operation')
  })

  test.each([
    [['pay'], noPhantom(payItem.by(keyOf), item.by(keyOf))],
    [['pay', 'buy'], noPhantom([payItem.by(keyOf), buyItem.by(keyOf)], item.by(keyOf))],
  ])('agrees with its twin for %s', (operations, invariant) => {
    expectAgreement(invariant, noPhantomTwin(operations), ['holds', 'violated', 'unknown', 'vacuous'])
  })
})
