import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { saga } from '../../src/check/saga.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { op } from '../../src/system/operation.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { keyOf } from './brute-force/nouns.ts'
import type { Item } from './brute-force/random-history.ts'
import { sagaHistory, sagaTwin } from './brute-force/saga.ts'
import { commit, effect, ends, historyOf, invoke, over, row } from './build-history.ts'

const [flight, hotel, noFlight, noHotel] = [
  journal<Item>('flight'),
  journal<Item>('hotel'),
  journal<Item>('noFlight'),
  journal<Item>('noHotel'),
]
const steps = [
  { done: flight.by(keyOf), undone: noFlight.by(keyOf) },
  { done: hotel.by(keyOf), undone: noHotel.by(keyOf) },
]
const book = op('book', fc.record({ key: fc.string() }), () => undefined)
const operation = book.by((b) => b.key)
const [trip, alone, anyOrder] = [saga(steps, { operation }), saga(steps), saga(steps, { order: 'any' })]

const did = (...names: readonly string[]) => names.map((name, n) => effect(10 * (n + 1), name, { key: 't-1' }))
const asked = (outcome?: 'ok' | 'fail' | 'info') => [
  invoke(0, 'book', 0, { key: 't-1' }),
  ...(outcome === undefined ? [] : [ends(5, outcome, 0)]),
]

describe('saga', () => {
  test('holds when all steps were done, or all undone in reverse', () => {
    expect(trip.check(historyOf(...asked('ok'), ...did('flight', 'hotel'), over(99))).kind).toBe('holds')
    expect(trip.check(historyOf(...asked('fail'), ...did('flight', 'hotel', 'noHotel', 'noFlight'), over(99)))).toEqual(
      { kind: 'holds', reasons: [] },
    )
    expect(trip.check(historyOf(...asked('info'), ...did('flight', 'noHotel', 'noFlight'), over(99))).kind).toBe(
      'holds',
    )
  })

  test('is violated when a saga is half done and nothing is left to do', () => {
    expect(trip.check(historyOf(...asked('info'), ...did('flight'), over(99))).reasons).toEqual([
      {
        text: 'flight at 0.010 s stayed for "t-1", without hotel (never happened); expected all of it or nothing.',
        kind: 'half-done',
        subject: 't-1',
        events: [0, 1, 2],
      },
    ])
    expect(alone.check(historyOf(...did('flight', 'hotel', 'noHotel'), over(99))).reasons[0]?.text).toBe(
      'flight at 0.010 s stayed for "t-1", without hotel (noHotel at 0.030 s); expected all of it or nothing.',
    )
  })

  test('is violated when it failed but stayed done, or was answered ok but undone', () => {
    expect(trip.check(historyOf(...asked('fail'), ...did('flight', 'hotel'), over(99))).reasons[0]).toMatchObject({
      text:
        'flight at 0.010 s and hotel at 0.020 s stayed for "t-1", and book failed; expected that nothing of ' +
        'it stays.',
      kind: 'kept-though-failed',
    })
    expect(trip.check(historyOf(...asked('ok'), over(99))).reasons[0]).toMatchObject({
      text: 'nothing of flight and hotel stayed for "t-1", and book was answered ok; expected all of it.',
      kind: 'undone-though-ok',
    })
  })

  test('is violated when a step comes after its compensation', () => {
    expect(alone.check(historyOf(...did('noFlight', 'flight'), over(99))).reasons[0]).toMatchObject({
      kind: 'half-done',
    })
  })

  test('lets steps of one moment be undone in any order', () => {
    const tables = saga([
      { done: rows<Item>('flights', () => []).by(keyOf), undone: noFlight.by(keyOf) },
      { done: rows<Item>('hotels', () => []).by(keyOf), undone: noHotel.by(keyOf) },
    ])
    const booked = ['flights', 'hotels'].map((name) => row(name, { key: 't-1' }, { atMs: 5, event: 0 }))
    for (const undone of [
      ['noFlight', 'noHotel'],
      ['noHotel', 'noFlight'],
    ])
      expect(tables.check(historyOf(commit(5), ...booked, ...did(...undone), over(99))).kind).toBe('holds')
  })

  test('is violated by a step that happens twice, and by the wrong order, no matter how the history ends', () => {
    expect(alone.check(historyOf(...did('flight', 'noFlight', 'noFlight'))).reasons).toEqual([
      {
        text: 'noFlight happened twice for "t-1": at 0.020 s and at 0.030 s; expected at most one in a saga.',
        kind: 'too-many',
        of: 'noFlight',
        subject: 't-1',
        events: [2],
        against: [1],
      },
    ])

    const wrong = historyOf(...did('flight', 'hotel', 'noFlight', 'noHotel'))

    expect(alone.check(wrong).reasons).toEqual([
      {
        text:
          'noHotel happened for "t-1" at 0.040 s, after noFlight at 0.030 s; expected it before, as hotel at ' +
          '0.020 s came after flight at 0.010 s.',
        kind: 'not-in-reverse',
        of: 'noHotel',
        subject: 't-1',
        events: [0, 1, 2, 3],
      },
    ])
    expect(anyOrder.check(wrong).kind).toBe('holds')
  })

  test('is unknown when it is half done at a bound', () => {
    expect(alone.check(historyOf(...did('flight'), over(99, 'maxSteps')))).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('ended at its bound maxSteps') as string }],
    })
  })

  test('is unknown when keys can never match', () => {
    expect(
      check(historyOf(...asked('ok'), effect(1, 'flight', { key: 7 }), over(9)), [trip])[0]?.reasons[0]?.text,
    ).toContain('which can never be equal')
  })

  test('is vacuous when nothing happened', () => {
    expect(trip.check(historyOf(...asked('fail'), over(9))).reasons[0]?.text).toContain('no "flight" effect happened')
    expect(alone.check(historyOf(over(9))).kind).toBe('vacuous')
  })

  test('counts a row that is gone as undone', () => {
    const seats = saga([
      { done: rows<Item>('seat', () => []).by(keyOf) },
      { done: flight.by(keyOf), undone: noFlight.by(keyOf) },
    ])

    expect(seats.check(historyOf(...did('flight', 'noFlight'), over(99))).kind).toBe('holds')
    expect(
      seats.check(historyOf(...did('flight', 'noFlight'), over(99), row('seat', { key: 't-1' }))).reasons[0]?.text,
    ).toBe('seat stayed for "t-1", without flight (noFlight at 0.020 s); expected all of it or nothing.')
  })

  test('refuses an empty list of steps', () => {
    expect(() => saga([])).toThrow('saga(): there is no step')
  })

  test('agrees with its twin', () => {
    expectAgreement(
      alone,
      sagaTwin({ operation: false, reverse: true }),
      ['holds', 'violated', 'unknown', 'vacuous'],
      sagaHistory,
    )
    expectAgreement(
      anyOrder,
      sagaTwin({ operation: false, reverse: false }),
      ['holds', 'violated', 'unknown', 'vacuous'],
      sagaHistory,
    )
    expectAgreement(
      trip,
      sagaTwin({ operation: true, reverse: true }),
      ['holds', 'violated', 'unknown', 'vacuous'],
      sagaHistory,
    )
  })
})
