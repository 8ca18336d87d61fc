import { describe, expect, test } from 'vitest'
import { atMostOnce } from '../../src/check/at-most-once.ts'
import { check } from '../../src/check/check.ts'
import { requests, rows } from '../../src/history/effect.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { charge as item, keyOf } from './brute-force/nouns.ts'
import { atMostOnceTwin } from './brute-force/twins.ts'
import { effect, historyOf, over, row } from './build-history.ts'

const charge = requests(
  'charge',
  'POST https://api.bank.com/charges',
  async (r) => (await r.json()) as { order: string },
)
const once = atMostOnce(charge.by((c) => c.order))

describe('atMostOnce', () => {
  test('holds when every key has one effect', () => {
    expect(
      once.check(historyOf(effect(60, 'charge', { order: 'o-1' }), effect(70, 'charge', { order: 'o-2' }), over(80))),
    ).toMatchObject({ kind: 'holds', reasons: [] })
  })

  test('is violated by a second effect, and says when each happened', () => {
    const history = historyOf(
      effect(60, 'charge', { order: 'o-1' }),
      effect(70, 'charge', { order: 'o-2' }),
      effect(5_120, 'charge', { order: 'o-1' }),
      over(6_000),
    )

    expect(once.check(history)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text: 'charge happened twice for "o-1": at 0.060 s and at 5.120 s; expected at most one.',
          kind: 'too-many',
          of: 'charge',
          subject: 'o-1',
          events: [2],
          against: [0],
        },
      ],
    })
  })

  test('is violated even if the history ended at a bound', () => {
    expect(
      once.check(
        historyOf(effect(1, 'charge', { order: 'o-1' }), effect(2, 'charge', { order: 'o-1' }), over(3, 'maxSteps')),
      ).kind,
    ).toBe('violated')
  })

  test('leaves out unknown times, and cuts long lists of times', () => {
    const order = rows('order', () => [] as { id: number }[])
    const history = historyOf(...[1, 2, 3].map(() => row('order', { id: 7 })), over(1))

    expect(atMostOnce(order.by((o) => o.id)).check(history).reasons[0]?.text).toBe(
      'order happened 3 times for 7; expected at most one.',
    )

    const many = historyOf(
      ...[10, 20, 30, 40, 50, 60].map((atMs) => effect(atMs, 'charge', { order: 'o-1' })),
      over(70),
    )

    expect(once.check(many).reasons[0]?.text).toBe(
      'charge happened 6 times for "o-1": at 0.010 s, at 0.020 s, at 0.030 s, at 0.040 s and 2 more; expected ' +
        'at most one.',
    )
  })

  test('reports one reason for each key, and distinguishes equal keys of different types', () => {
    const mixed = journalOfAnything()
    const history = historyOf(...[1, '1', 1, '1', true].map((key, atMs) => effect(atMs, 'any', key)), over(9))

    expect(mixed.check(history).reasons.map(({ subject }) => subject)).toEqual([1, '1'])
  })

  test('is unknown when an effect has no key, and says what it found', () => {
    const [verdict] = check(historyOf(effect(1, 'charge', { currency: 'eur' }), over(2)), [once])

    expect(verdict?.kind).toBe('unknown')
    expect(verdict?.reasons[0]?.text).toBe(
      'atMostOnce(charge) threw: charge.by(...) gave undefined for {"currency":"eur"}; give a string, number, ' +
        'bigint or boolean.',
    )
  })

  test('is unknown when the key function throws, and says for which value', () => {
    const [verdict] = check(historyOf(effect(1, 'charge', null), over(2)), [once])

    expect(verdict?.kind).toBe('unknown')
    expect(verdict?.reasons[0]?.text).toMatch(
      /charge\.by\(\.\.\.\) threw TypeError: .* for null; give a key for every value\.$/,
    )
  })

  test('is vacuous without effects, and asks a question that fits their source', () => {
    expect(once.check(historyOf(effect(1, 'refund', { order: 'o-1' }), over(2))).reasons[0]?.text).toBe(
      'no "charge" effect happened: does "POST https://api.bank.com/charges" match what the handler calls, and ' +
        'is it answered 2xx?',
    )
    expect(atMostOnce(item.by(keyOf)).check(historyOf(over(2)))).toMatchObject({
      kind: 'vacuous',
      reasons: [{ text: expect.stringContaining('journal("charge").add') as string }],
    })
    expect(atMostOnce(rows('order', () => [1]).by((id) => id)).check(historyOf(over(2))).reasons[0]?.text).toContain(
      'rows("order")',
    )
  })

  test('agrees with its twin', () => {
    expectAgreement(atMostOnce(item.by(keyOf)), atMostOnceTwin, ['holds', 'violated', 'unknown', 'vacuous'])
  })
})

function journalOfAnything(): ReturnType<typeof atMostOnce> {
  return atMostOnce(rows('any', () => [] as (string | number | boolean)[]).by((value) => value))
}
