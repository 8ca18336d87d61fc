// causal on histories written by hand.
import { describe, expect, test } from 'vitest'
import { check } from '../../../src/check/check.ts'
import { causal } from '../../../src/check/session/causal.ts'
import type { Reason } from '../../../src/verdict/reason.ts'
import { answers, historyOf, invoke, type Line } from '../build-history.ts'
import { asks, did } from '../build-transactions.ts'

const kindOf = (...lines: readonly (readonly Line[])[]) => check(historyOf(...lines.flat()), [causal()])[0]?.kind
const reasonOf = (...lines: readonly (readonly Line[])[]): Reason | undefined =>
  check(historyOf(...lines.flat()), [causal()])[0]?.reasons[0]

const question = did(0, 0, ['w', 'question', 'lost my ring'])
const found = did(0, 10, ['w', 'answer', 'found it'])
const heard = did(1, 20, ['r', 'answer', 'found it'])

describe('causal', () => {
  test('holds when a client that sees an effect also sees its cause', () => {
    expect(kindOf(question, found, heard, did(1, 30, ['r', 'question', 'lost my ring']))).toBe('holds')
  })

  test('holds when a client that misses the cause has not seen the effect', () => {
    expect(
      kindOf(
        question,
        found,
        did(1, 20, ['r', 'answer', null]),
        did(1, 30, ['r', 'question', null]),
        did(1, 40, ['r', 'question', 'lost my ring']),
      ),
    ).toBe('holds')
  })

  test('is violated when a client sees an effect without its cause', () => {
    expect(reasonOf(question, found, heard, did(1, 30, ['r', 'question', null]))).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
          2,
          3,
          4,
          5,
          6,
          7,
        ],
        "kind": "effect-before-cause",
        "subject": "question",
        "text": "client 1 read nothing of "question" at 0.035 s although "lost my ring" was among its causes (client 0 wrote "lost my ring" to "question" at 0.005 s, client 0 wrote "found it" to "answer" at 0.015 s and client 1 read "found it" of "answer" at 0.025 s); expected that every client sees a cause before its effect.",
      }
    `)
  })

  test('is violated through a third client in between', () => {
    const lines = [
      did(0, 0, ['w', 'x', 1]),
      did(1, 10, ['r', 'x', 1]),
      did(1, 20, ['w', 'y', 2]),
      did(2, 30, ['r', 'y', 2]),
      did(2, 40, ['r', 'x', null]),
    ]

    expect(kindOf(...lines)).toBe('violated')
  })

  test('is violated when clients see concurrent writes in opposite orders', () => {
    const lines = [
      did(2, 0, ['w', 'x', 1]),
      did(3, 0, ['w', 'x', 2]),
      did(0, 10, ['r', 'x', 1]),
      did(1, 10, ['r', 'x', 2]),
      did(0, 20, ['r', 'x', 2]),
      did(1, 20, ['r', 'x', 1]),
    ]

    expect(reasonOf(...lines)).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
          2,
          3,
          4,
          5,
          6,
          7,
          8,
          9,
          10,
          11,
        ],
        "kind": "effect-before-cause",
        "subject": "x",
        "text": "client 0 read 2 of "x" at 0.025 s although 1 was among its causes (client 2 wrote 1 to "x" at 0.005 s and client 0 read 1 of "x" at 0.015 s); while client 1 read 1 of "x" at 0.025 s although 2 was among its causes (client 3 wrote 2 to "x" at 0.005 s and client 1 read 2 of "x" at 0.015 s): no order of the writes allows that; expected that every client sees a cause before its effect.",
      }
    `)
  })

  test('is violated by a list that lacks the elements before an effect', () => {
    expect(
      reasonOf(
        did(0, 0, ['append', 'x', 1]),
        did(0, 10, ['w', 'y', 2]),
        did(1, 20, ['r', 'y', 2]),
        did(1, 30, ['r', 'x', []]),
      ),
    ).toMatchObject({ kind: 'effect-before-cause' })
    expect(reasonOf(did(0, 0, ['append', 'x', 1]), asks(0, 10, ['append', 'x', 2]), did(1, 20, ['r', 'x', [2, 1]])))
      .toMatchInlineSnapshot(`
        {
          "events": [
            0,
            1,
            2,
            3,
          ],
          "kind": "effect-before-cause",
          "subject": "x",
          "text": "Lists show 2 before 1, which caused it: client 0 appended 1 to "x" at 0.005 s and client 0 asked to write 2 to "x" at 0.010 s; expected that every client sees a cause before its effect.",
        }
      `)
  })

  test('is violated by two transactions that each read what the other wrote', () => {
    const both = historyOf(
      invoke(
        0,
        'txn',
        0,
        [
          ['r', 'y', null],
          ['w', 'x', 1],
        ],
        0,
      ),
      invoke(
        0,
        'txn',
        1,
        [
          ['r', 'x', null],
          ['w', 'y', 2],
        ],
        1,
      ),
      answers(5, 0, [
        ['r', 'y', 2],
        ['w', 'x', 1],
      ]),
      answers(5, 1, [
        ['r', 'x', 1],
        ['w', 'y', 2],
      ]),
    )

    expect(check(both, [causal()])[0]?.reasons[0]).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
          2,
          3,
        ],
        "kind": "circular-causes",
        "subject": "y",
        "text": "Each of these would be the cause of the next, and the last of the first: client 0 read 2 of "y" at 0.005 s, client 0 wrote 1 to "x" at 0.005 s, client 1 read 1 of "x" at 0.005 s and client 1 wrote 2 to "y" at 0.005 s; expected that nothing causes itself.",
      }
    `)
  })

  test('ignores a write without an answer, unless somebody has read it', () => {
    expect(
      kindOf(
        asks(0, 0, ['w', 'x', 1]),
        did(0, 10, ['w', 'y', 2]),
        did(1, 20, ['r', 'y', 2]),
        did(1, 30, ['r', 'x', null]),
        did(1, 40, ['r', 'y', 2]),
      ),
    ).toBe('holds')
    expect(kindOf(asks(0, 0, ['w', 'x', 1]), did(1, 20, ['r', 'x', 1]), did(1, 30, ['r', 'x', null]))).toBe('violated')
  })

  test('is unknown when two writes of one value cannot be told apart', () => {
    expect(kindOf(did(0, 0, ['w', 'x', 1]), did(1, 0, ['w', 'x', 1]))).toBe('unknown')
  })

  test('is unknown with too many clients', { tags: ['full'] }, () => {
    const many = Array.from({ length: 6_000 }, (_, client) =>
      did(client, 10 * client, ['w', 'x', client], ['r', 'x', client]),
    )

    expect(reasonOf(...many)?.text).toBe('6000 clients with 12000 reads and writes are more than causal can follow')
  })

  test('is vacuous when no read could have been wrong', () => {
    expect(kindOf()).toBe('vacuous')
    expect(kindOf(did(0, 0, ['w', 'x', 1]), did(1, 10, ['r', 'x', null]))).toBe('vacuous')
  })
})
