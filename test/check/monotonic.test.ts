import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { monotonic } from '../../src/check/monotonic.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { monotonicTwin } from './brute-force/late-twins.ts'
import { charge, keyOf, quantityOf } from './brute-force/nouns.ts'
import { commit, effect, historyOf, over, row } from './build-history.ts'

interface Status {
  readonly order: string
  readonly state: string
}

const status = journal<Status>('status')
const order = ['placed', 'paid', 'shipped', 'cancelled']
const forward = monotonic(status, (s) => s.order, { state: (s) => s.state, order, terminal: ['shipped', 'cancelled'] })
const states = (...seen: string[]) =>
  historyOf(...seen.map((state, n) => effect(10 * n, 'status', { order: 'o-1', state })), over(99))
const version = monotonic(journal<number>('version'), () => 'document', { version: (v) => v })

describe('monotonic', () => {
  test('holds when states follow their order, some left out and some seen again', () => {
    expect(forward.check(states('placed', 'placed', 'shipped', 'shipped'))).toEqual({ kind: 'holds', reasons: [] })
  })

  test('judges each key on its own', () => {
    const history = historyOf(
      effect(0, 'status', { order: 'o-1', state: 'paid' }),
      effect(1, 'status', { order: 'o-2', state: 'placed' }),
      effect(2, 'status', { order: 'o-2', state: 'paid' }),
      over(9),
    )

    expect(forward.check(history).kind).toBe('holds')
  })

  test('is violated by a step back', () => {
    expect(forward.check(states('placed', 'paid', 'placed'))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'status was "placed" for "o-1" at 0.020 s, after "paid" at 0.010 s; expected no state before that.',
          kind: 'went-back',
          of: 'status',
          subject: 'o-1',
          events: [1, 2],
        },
      ],
    })
  })

  test('is violated by a step out of a terminal state, even forward in the order', () => {
    expect(forward.check(states('shipped', 'cancelled')).reasons).toEqual([
      {
        text:
          'status was "cancelled" for "o-1" at 0.010 s, after "shipped" at 0.000 s; expected nothing after ' +
          '"shipped".',
        kind: 'after-the-end',
        of: 'status',
        subject: 'o-1',
        events: [0, 1],
      },
    ])

    const last = monotonic(status, (s) => s.order, { state: (s) => s.state, order })

    expect([
      last.check(states('shipped', 'cancelled')).kind,
      last.check(states('cancelled', 'paid')).reasons[0]?.kind,
    ]).toEqual(['holds', 'after-the-end'])
  })

  test('is violated by a state that is not in the order', () => {
    expect(forward.check(states('lost')).reasons[0]).toEqual({
      text: 'status was "lost" for "o-1" at 0.000 s; expected a state of its order.',
      kind: 'undeclared-state',
      of: 'status',
      subject: 'o-1',
      events: [0],
    })
  })

  test('is violated by a version that goes back, against the highest seen', () => {
    const history = historyOf(...[1, 3, 3, 2].map((n) => effect(n, 'version', n)), over(9))

    expect(version.check(history).reasons).toEqual([
      {
        text:
          'version was at version 2 for "document" at 0.002 s, after version 3 at 0.003 s; expected no version ' +
          'before that.',
        kind: 'went-back',
        of: 'version',
        subject: 'document',
        events: [1, 3],
      },
    ])
    expect(
      monotonic(journal<bigint>('version'), () => 1, { version: (v) => v }).check(
        historyOf(effect(1, 'version', 2n), effect(2, 'version', 3n)),
      ).kind,
    ).toBe('holds')
  })

  test('compares neither the states of one commit nor those without a time', () => {
    const table = monotonic(
      rows<Status>('status', () => []),
      (s) => s.order,
      { state: (s) => s.state, order },
    )
    const at = { atMs: 5, event: 0 }
    const together = historyOf(
      commit(5),
      over(9),
      row('status', { order: 'o-1', state: 'paid' }, at),
      row('status', { order: 'o-1', state: 'placed' }, at),
    )

    expect(table.check(together).kind).toBe('vacuous')

    const untimed = table.check(
      historyOf(
        over(9),
        row('status', { order: 'o-1', state: 'paid' }),
        row('status', { order: 'o-1', state: 'placed' }),
      ),
    )

    expect(untimed).toMatchObject({
      kind: 'vacuous',
      reasons: [{ text: expect.stringContaining('write each change down in a journal') as string }],
    })
  })

  test('is unknown when a version is not a number', () => {
    expect(check(historyOf(effect(1, 'version', Number.NaN)), [version])[0]).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('version: the version of') as string }],
    })
  })

  test('is vacuous when no key was seen at two moments', () => {
    expect(forward.check(states('placed')).kind).toBe('vacuous')
    expect(forward.check(states()).reasons[0]?.text).toContain('no "status" effect happened')
  })

  test('refuses an invalid order', () => {
    const by =
      (declared: readonly string[], terminal: readonly string[] = []) =>
      () =>
        monotonic(status, (s) => s.order, { state: (s) => s.state, order: declared, terminal })

    expect(by([])).toThrow('monotonic(status): the order is empty')
    expect(by(['a', 'b', 'a'])).toThrow('names "a" twice')
    expect(by(['a', 'b'], ['c'])).toThrow('the terminal state "c" is not in the order ("a" and "b")')
  })

  test('agrees with its twin', () => {
    const ordered = monotonic(charge, keyOf, { state: quantityOf, order: [0, 1, 2, 3, -1], terminal: [1, -1] })

    expectAgreement(ordered, monotonicTwin([0, 1, 2, 3, -1], [1, -1]), ['holds', 'violated', 'unknown', 'vacuous'])
    expectAgreement(
      monotonic(charge, keyOf, { state: quantityOf, order: [0, 1, 2, 3] }),
      monotonicTwin([0, 1, 2, 3], [3]),
      ['holds', 'violated', 'unknown', 'vacuous'],
    )
    expectAgreement(monotonic(charge, keyOf, { version: quantityOf }), monotonicTwin(undefined, []), [
      'holds',
      'violated',
      'unknown',
      'vacuous',
    ])
  })
})
