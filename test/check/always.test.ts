import { describe, expect, test } from 'vitest'
import { always } from '../../src/check/always.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { charge } from './brute-force/nouns.ts'
import { alwaysTwin } from './brute-force/twins.ts'
import { commit, effect, historyOf, over, row } from './build-history.ts'

const ledger = journal<number>('entry')
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const solvent = always('never below 0', ledger, (entries) => sum(entries) >= 0 || `the balance is ${sum(entries)}`)
const entries = (...cents: number[]) => historyOf(...cents.map((value, i) => effect(10 * i, 'entry', value)), over(100))

describe('always', () => {
  test('holds when the predicate is true after every effect', () => {
    expect(solvent.check(entries(5, -5, 1)).kind).toBe('holds')
  })

  test('is violated at the first moment at which the predicate is false, even if it is true later', () => {
    expect(solvent.check(entries(5, -6, 7))).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: '"never below 0" was broken after 2 entry at 0.010 s: the balance is -1.',
          kind: 'custom',
          of: 'never below 0',
          events: [1],
        },
      ],
    })
  })

  test('accepts false as an answer', () => {
    expect(always('small', ledger, (all) => sum(all) < 3).check(entries(1, 2)).reasons[0]?.text).toBe(
      '"small" was broken after 2 entry at 0.010 s.',
    )
  })

  test('evaluates the predicate after each effect, with all effects so far', () => {
    const asked: number[][] = []
    always('seen', ledger, (all) => asked.push([...all]) > 0).check(entries(1, 2, 3))

    expect(asked).toEqual([[1], [1, 2], [1, 2, 3]])
  })

  test('adds the rows of one commit together, since there was no state between them', () => {
    const table = rows('entry', () => [0])
    const transfer = historyOf(
      commit(5),
      commit(6),
      over(9),
      row('entry', -5, { atMs: 5, event: 0 }),
      row('entry', 5, { atMs: 5, event: 0 }),
      row('entry', 1, { atMs: 6, event: 1 }),
    )
    const asked: number[][] = []
    const verdict = always('sums to 0 or more', table, (all) => asked.push([...all]) > 0 && sum(all) >= 0).check(
      transfer,
    )

    expect([verdict.kind, asked]).toEqual([
      'holds',
      [
        [-5, 5],
        [-5, 5, 1],
      ],
    ])
  })

  test('adds rows without times all at once', () => {
    const asked: number[][] = []
    const verdict = always(
      'more than 0',
      rows('entry', () => [0]),
      (all) => asked.push([...all]) > 0 && sum(all) > 0,
    ).check(historyOf(over(9), row('entry', -5), row('entry', 5)))

    expect(asked).toEqual([[-5, 5]])
    expect(verdict.reasons).toEqual([
      { text: '"more than 0" was broken after 2 entry.', kind: 'custom', of: 'more than 0', events: [] },
    ])
  })

  test('adds everything at once if only some times are known, since the others may have come before', () => {
    const asked: number[][] = []
    const history = historyOf(commit(5), over(9), row('entry', -5, { atMs: 5, event: 0 }), row('entry', 5))

    expect(
      always(
        'more',
        rows('entry', () => [0]),
        (all) => asked.push([...all]) > 0,
      ).check(history).kind,
    ).toBe('holds')
    expect(asked).toEqual([[-5, 5]])
  })

  test('is unknown when the predicate throws', () => {
    const verdict = always('careless', ledger, () => {
      throw new TypeError('no such field')
    }).check(entries(1))

    expect(verdict.kind).toBe('unknown')
    expect(verdict.reasons[0]?.text).toContain('the predicate of "careless" threw TypeError: no such field')
  })

  test.each([
    ['nothing', () => undefined, 'returned undefined'],
    ['a promise', () => Promise.resolve(true), 'returned a promise'],
    ['a number', () => 1, 'returned 1'],
  ])('is unknown where the predicate returns %s', (_, predicate, text) => {
    const careless = predicate as unknown as () => boolean // what JavaScript lets through

    expect(always('careless', ledger, careless).check(entries(1))).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining(text) as string }],
    })
  })

  test('is violated when the predicate returns false, even if it threw before', () => {
    const late = always('late', ledger, (all) => {
      if (all.length === 1) throw new Error('too few')
      return false
    })

    expect(late.check(entries(1, 2)).kind).toBe('violated')
  })

  test('is vacuous without effects', () => {
    expect(solvent.check(historyOf(over(1))).kind).toBe('vacuous')
  })

  test('agrees with its twin', () => {
    const total = (values: readonly { quantity: number }[]) => values.reduce((all, { quantity }) => all + quantity, 0)
    const predicate = (values: readonly { quantity: number }[]) => {
      if (total(values) === 2) throw new Error('will not say')
      return total(values) < 4 || 'too much'
    }

    expectAgreement(always('little', charge, predicate), alwaysTwin('little', predicate), [
      'holds',
      'violated',
      'unknown',
      'vacuous',
    ])
  })
})
