import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { counted, noOversell } from '../../src/check/no-oversell.ts'
import { journal, rows } from '../../src/history/effect.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { charge, keyOf, level, quantityOf, restock } from './brute-force/nouns.ts'
import { noOversellTwin } from './brute-force/twins.ts'
import { commit, effect, historyOf, over, row } from './build-history.ts'

const ticket = journal<string>('ticket')
const lastTicket = noOversell(
  ticket.by((event) => event),
  { stock: 1 },
)

interface Line {
  readonly sku: string
  readonly quantity: number
}
const line = rows('line', () => [] as Line[])
const returned = journal<string>('return')
const shelf = rows('shelf', () => [] as { sku: string; left: number }[])
const shop = noOversell(
  counted(
    line,
    (l) => l.sku,
    (l) => l.quantity,
  ),
  {
    stock: (sku) => (sku === 'tea' ? 3 : 0),
    restocked: returned.by((sku) => sku),
    level: counted(
      shelf,
      (s) => s.sku,
      (s) => s.left,
    ),
  },
)
const tea = (quantity: number) => ({ sku: 'tea', quantity })

describe('noOversell', () => {
  test('holds when the last item is sold once, each key on its own', () => {
    const history = historyOf(effect(60, 'ticket', 'opera'), effect(70, 'ticket', 'match'), over(90))

    expect(lastTicket.check(history).kind).toBe('holds')
  })

  test('is violated when the last item is sold twice', () => {
    const history = historyOf(
      effect(60, 'ticket', 'opera'),
      effect(120, 'ticket', 'opera'),
      effect(130, 'ticket', 'opera'),
      over(140),
    )

    expect(lastTicket.check(history)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'ticket: 2 sold for "opera" by 0.120 s, with 1 in stock; expected at most 1.',
          kind: 'oversold',
          subject: 'opera',
          events: [0, 1],
        },
      ],
    })
  })

  test('counts quantities, and only restocks that happened before', () => {
    const returnedBefore = historyOf(
      effect(10, 'return', 'tea'),
      commit(20),
      over(90),
      row('line', tea(3 + 1), { atMs: 20, event: 1 }),
    )
    const returnedAfter = historyOf(
      commit(10),
      effect(20, 'return', 'tea'),
      over(90),
      row('line', tea(3 + 1), { atMs: 10, event: 0 }),
    )

    expect(shop.check(returnedBefore).kind).toBe('holds')
    expect(shop.check(returnedAfter).reasons).toEqual([
      {
        text: 'line: 4 sold for "tea" by 0.010 s, with 3 in stock; expected at most 3.',
        kind: 'oversold',
        subject: 'tea',
        events: [0],
      },
    ])
  })

  test('says how many items were restocked', () => {
    const history = historyOf(
      effect(10, 'return', 'tea'),
      commit(20),
      over(90),
      row('line', tea(5), { atMs: 20, event: 1 }),
    )

    expect(shop.check(history).reasons).toMatchObject([
      {
        text: 'line: 5 sold for "tea" by 0.020 s, with 3 in stock and 1 restocked; expected at most 4.',
        events: [0, 1],
      },
    ])
  })

  test('counts restocks without a time from the start', () => {
    const refunds = noOversell(
      ticket.by((event) => event),
      { stock: 1, restocked: rows('refund', () => ['']).by((event) => event) },
    )
    const history = historyOf(
      effect(1, 'ticket', 'opera'),
      effect(2, 'ticket', 'opera'),
      over(3),
      row('refund', 'opera'),
    )

    expect(refunds.check(history).kind).toBe('holds')
  })

  test('compares totals when rows have no time', () => {
    const sold = [row('line', tea(2)), row('line', tea(2))]
    const withReturn = historyOf(effect(10, 'return', 'tea'), over(90), ...sold)
    const withoutReturn = historyOf(over(90), ...sold)

    expect(shop.check(withReturn).kind).toBe('holds')
    expect(shop.check(withoutReturn).reasons).toEqual([
      {
        text: 'line: 4 sold for "tea", with 3 in stock; expected at most 3.',
        kind: 'oversold',
        subject: 'tea',
        events: [],
      },
    ])
  })

  test('is violated by a level below 0, even at a bound', () => {
    const history = historyOf(
      commit(20),
      over(90, 'maxSteps'),
      row('shelf', { sku: 'tea', left: 0 }),
      row('shelf', { sku: 'tea', left: -1 }, { atMs: 20, event: 0 }),
    )

    expect(shop.check(history)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'shelf was -1 for "tea" at 0.020 s; expected never below 0.',
          kind: 'below-zero',
          of: 'shelf',
          subject: 'tea',
          events: [0],
        },
      ],
    })
  })

  test.each([
    [
      'a quantity',
      counted(
        line,
        (l) => l.sku,
        () => Number.NaN,
      ),
      1,
      'line: the quantity of {"sku":"tea","quantity":1} is NaN; give a number.',
    ],
    ['the stock', line.by((l) => l.sku), Number.NaN, 'noOversell: the stock of "tea" is NaN; give a number from 0.'],
  ])('is unknown where %s is no number, which would pass for enough', (_, sold, stock, text) => {
    const [verdict] = check(historyOf(over(1), row('line', tea(1))), [noOversell(sold, { stock: () => stock })])

    expect([verdict?.kind, verdict?.reasons[0]?.text]).toEqual(['unknown', `noOversell(line) threw: ${text}`])
  })

  test('is vacuous when nothing was sold, whatever the level', () => {
    expect(lastTicket.check(historyOf(over(1))).kind).toBe('vacuous')
    expect(shop.check(historyOf(over(1), row('shelf', { sku: 'tea', left: 3 }))).kind).toBe('vacuous')
  })

  test('refuses an invalid stock', () => {
    expect(() =>
      noOversell(
        ticket.by((event) => event),
        { stock: -1 },
      ),
    ).toThrow('noOversell: stock is -1; give a number from 0.')
  })

  test('declares all the effects that it reads', () => {
    expect(shop.effects.map(({ name }) => name)).toEqual(['line', 'return', 'shelf'])
  })

  test('agrees with its twin', () => {
    const invariant = noOversell(counted(charge, keyOf, quantityOf), {
      stock: 2,
      restocked: counted(restock, keyOf, quantityOf),
      level: counted(level, keyOf, quantityOf),
    })

    expectAgreement(invariant, noOversellTwin(2), ['holds', 'violated', 'unknown', 'vacuous'])
  })
})
