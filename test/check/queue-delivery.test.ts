import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { rows } from '../../src/history/effect.ts'
import { queueDelivery } from '../../src/check/queue-delivery.ts'
import { expectAgreement } from './brute-force/agree.ts'
import { keyedQueueTwin } from './brute-force/act-twins.ts'
import { charge, keyOf, pay, quantityOf } from './brute-force/nouns.ts'
import { smallHistory, type Item } from './brute-force/random-history.ts'
import { answers, effect, ends, garbled, historyOf, invoke, over, row, type Line } from './build-history.ts'
import { acts } from './build-transactions.ts'

const kindOf = (...lines: readonly (readonly Line[])[]) => check(historyOf(...lines.flat()), [queueDelivery()])[0]?.kind
const reasonOf = (...lines: readonly (readonly Line[])[]) =>
  check(historyOf(...lines.flat()), [queueDelivery()])[0]?.reasons[0]
const keyed = queueDelivery(pay.by(keyOf), charge.by(keyOf), {
  duplicates: 1,
  order: (one: Item) => ({ partition: 'all', sequence: quantityOf(one) }),
})
const pays = (id: number, key: string) => [invoke(id, 'pay', id, { key, quantity: id }, id), ends(id + 1, 'ok', id)]

describe('queueDelivery of a recorded history', () => {
  test('holds when every message is received once', () => {
    expect(
      kindOf(
        acts(0, 0, 'enqueue', 1),
        acts(0, 10, 'enqueue', 2),
        acts(1, 20, 'dequeue', null, 2),
        acts(1, 30, 'drain', null, [1]),
      ),
    ).toBe('holds')
  })

  test('is violated by a lost message, once a drain shows it', () => {
    expect(reasonOf(acts(0, 0, 'enqueue', 1), acts(1, 20, 'drain', null, []))).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
        ],
        "kind": "missing",
        "of": "dequeue",
        "subject": 1,
        "text": "enqueue of 1 was answered ok at 0.005 s, but dequeue of it never happened; expected at least one.",
      }
    `)
  })

  test('is violated when two messages are lost, and one dequeue without an answer may have taken only one', () => {
    const kind = kindOf(
      acts(0, 0, 'enqueue', 1),
      acts(1, 10, 'enqueue', 2),
      [invoke(20, 'dequeue', 9, null, 1), ends(25, 'info', 9)],
      acts(2, 30, 'drain', null, []),
    )

    expect(kind).toBe('violated')
  })

  test.each<[string, readonly Line[]]>([
    ['without an answer', [ends(15, 'info', 9)]],
    ['with a damaged answer', [garbled(12, 'dequeue', 9), answers(15, 9, null)]],
  ])('holds when a dequeue %s may have taken the message', (_, end) => {
    const kind = kindOf(
      acts(0, 0, 'enqueue', 1),
      [invoke(10, 'dequeue', 9, null, 1), ...end],
      acts(2, 20, 'drain', null, []),
    )

    expect(kind).toBe('holds')
  })

  test('is violated by a message that nobody sent', () => {
    expect(reasonOf(acts(1, 0, 'dequeue', null, 1))).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
        ],
        "kind": "thin-air",
        "subject": 1,
        "text": "dequeue of 1 happened at 0.005 s, but no enqueue of it was ever invoked; expected only what was sent.",
      }
    `)
  })

  test('is violated by a message that was sent only later', () => {
    const reason = reasonOf(acts(1, 0, 'dequeue', null, 1), acts(0, 10, 'enqueue', 1))

    expect(reason?.text).toContain('before any enqueue of it')
  })

  test('is violated by a message whose sending failed', () => {
    const reason = reasonOf([invoke(0, 'enqueue', 9, 1, 0), ends(5, 'fail', 9)], acts(1, 10, 'dequeue', null, 1))

    expect(reason?.text).toContain('but its enqueue failed')
  })

  test('is violated by too many duplicates', () => {
    expect(reasonOf(acts(0, 0, 'enqueue', 1), acts(1, 10, 'dequeue', null, 1), acts(1, 20, 'dequeue', null, 1)))
      .toMatchInlineSnapshot(`
        {
          "against": [
            0,
            1,
            2,
            3,
          ],
          "events": [
            4,
            5,
          ],
          "kind": "too-many",
          "of": "dequeue",
          "subject": 1,
          "text": "dequeue of 1 happened twice at 0.015 s and at 0.025 s, for 1 enqueue; expected at most once.",
        }
      `)
  })

  test('is unknown when a message may still be in the queue', () => {
    expect(reasonOf(acts(0, 0, 'enqueue', 1))?.text).toBe('1 had not come out, and may still be on its way')
  })

  test('names an act that is not one of a queue', () => {
    expect(reasonOf(acts(0, 0, 'peek', 1))?.text).toContain('is "peek", which is no act of a queue')
  })

  test('is vacuous when nothing was sent', () => {
    expect(kindOf(acts(1, 0, 'dequeue', null))).toBe('vacuous')
  })

  test('refuses limits that are none', () => {
    expect(() => queueDelivery(undefined, { duplicates: -1 })).toThrow('duplicates is -1; give a number from 0')
  })
})

describe('queueDelivery of an operation and an effect', () => {
  test('holds with as many duplicates as are allowed, also late ones', () => {
    const history = historyOf(
      ...pays(1, 'a'),
      ...pays(2, 'b'),
      effect(10, 'charge', { key: 'a', quantity: 1 }),
      effect(11, 'charge', { key: 'b', quantity: 2 }),
      effect(12, 'charge', { key: 'a', quantity: 1 }),
      over(20),
    )

    expect(check(history, [keyed])[0]).toEqual({ kind: 'holds', reasons: [] })
    expect(keyed.name).toBe('queueDelivery(pay, charge)')
  })

  test('is violated by messages out of order', () => {
    const turned = historyOf(
      ...pays(1, 'a'),
      ...pays(2, 'b'),
      effect(10, 'charge', { key: 'b', quantity: 2 }),
      effect(11, 'charge', { key: 'a', quantity: 1 }),
      over(20),
    )

    expect(check(turned, [keyed])[0]).toMatchInlineSnapshot(`
      {
        "kind": "violated",
        "reasons": [
          {
            "events": [
              4,
              5,
            ],
            "kind": "out-of-order",
            "subject": "all",
            "text": ""a" (1 of "all") came out at 0.011 s, after "b" (2) at 0.010 s; expected the order of its partition.",
          },
        ],
      }
    `)
  })

  test('is violated by a lost message when the run went quiet, and unknown when it reached a bound', () => {
    const quiet = historyOf(...pays(1, 'a'), over(20))
    const bounded = historyOf(...pays(1, 'a'), over(20, 'maxSteps'))

    expect(check(quiet, [keyed])[0]?.reasons[0]).toMatchObject({ kind: 'missing', of: 'charge' })
    expect(check(bounded, [keyed])[0]?.kind).toBe('unknown')
  })

  test('is unknown where a message whose order is judged came out at an unknown time', () => {
    const stored = queueDelivery(pay.by(keyOf), rows<Item>('stored', () => []).by(keyOf), {
      order: (one: Item) => ({ partition: 'all', sequence: quantityOf(one) }),
    })
    const history = historyOf(
      ...pays(1, 'a'),
      ...pays(2, 'b'),
      row('stored', { key: 'b', quantity: 2 }, { atMs: 9, event: 3 }),
      row('stored', { key: 'a', quantity: 1 }),
      over(20),
    )

    expect(check(history, [stored])[0]).toMatchObject({
      kind: 'unknown',
      reasons: [{ text: expect.stringContaining('nobody knows when stored of "a" happened') }],
    })
  })

  test('receives a message when its row is first there, and not when that changes', () => {
    const inOrder = { order: (one: Item) => ({ partition: 'all', sequence: quantityOf(one) }) }
    const stored = rows<Item & { readonly seen?: boolean }>('stored', () => [])
    const a = { key: 'a', quantity: 1 }
    const b = { key: 'b', quantity: 2 }
    const seen = { ...a, seen: true }
    const kinds = [[a], [b]].map(([first = a]) => {
      const history = historyOf(
        ...pays(1, 'a'),
        ...pays(2, 'b'),
        row('stored', b, { atMs: 9, event: 3 }),
        row('stored', seen, { atMs: 10, event: 4 }),
        over(20),
      )
      const snapshots = [[first], [a, b], [seen, b]].map((found, index) => {
        return { effect: 'stored', rows: found, atMs: 8 + index, event: 2 + index }
      })
      return check({ ...history, snapshots }, [queueDelivery(pay.by(keyOf), stored.by(keyOf), inOrder)])[0]?.kind
    })

    expect(kinds).toEqual(['holds', 'violated'])
  })

  test('agrees with its twin', () => {
    expectAgreement(
      queueDelivery(pay.by(keyOf), charge.by(keyOf)),
      keyedQueueTwin,
      ['holds', 'violated', 'unknown', 'vacuous'],
      smallHistory,
      'missing charge',
    )
  })
})
