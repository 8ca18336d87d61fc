import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { noLostUpdate } from '../../src/check/no-lost-update.ts'
import { historyOf, type Line } from './build-history.ts'
import { asks, did } from './build-transactions.ts'

const verdict = (...lines: readonly (readonly Line[])[]) => check(historyOf(...lines.flat()), [noLostUpdate()])[0]

describe('noLostUpdate', () => {
  test('holds when each update reads the one before', () => {
    expect(verdict(did(0, 0, ['r', 'x', null], ['w', 'x', 1]), did(1, 10, ['r', 'x', 1], ['w', 'x', 2]))).toEqual({
      kind: 'holds',
      reasons: [],
    })
  })

  test('is violated when two updates read the same version', () => {
    expect(verdict(did(0, 0, ['r', 'x', null], ['w', 'x', 1]), did(1, 0, ['r', 'x', null], ['w', 'x', 2])))
      .toMatchInlineSnapshot(`
        {
          "kind": "violated",
          "reasons": [
            {
              "events": [
                0,
                1,
                2,
                3,
              ],
              "kind": "lost-update",
              "subject": "x",
              "text": "2 transactions read nothing of "x" before they wrote to it: txn of client 0 wrote 1 (answered at 0.005 s) and txn of client 1 wrote 2 (answered at 0.005 s); expected that no update overwrites what it has not read.",
            },
          ],
        }
      `)
  })

  test('names only four of many writes', () => {
    const many = Array.from({ length: 1_000 }, (_, client) => did(client, 0, ['r', 'x', null], ['w', 'x', client + 1]))
    const reason = verdict(...many)?.reasons[0]

    expect(reason?.text).toMatch(
      /^1000 transactions read nothing .* client 3 wrote 4 \(answered at 0\.005 s\) and 996 more; expected/,
    )
    expect(reason?.events).toHaveLength(2_000)
  })

  test('ignores operations that may not have happened, reads of own writes, and appends', () => {
    expect(verdict(did(0, 0, ['r', 'x', null], ['w', 'x', 1]), asks(1, 0, ['r', 'x', null], ['w', 'x', 2]))?.kind).toBe(
      'holds',
    )
    expect(
      verdict(did(0, 0, ['w', 'x', 1], ['r', 'x', 1], ['w', 'x', 2]), did(1, 10, ['r', 'x', 1], ['w', 'x', 3]))?.kind,
    ).toBe('holds')
    expect(
      verdict(did(0, 0, ['r', 'x', []], ['append', 'x', 1]), did(1, 0, ['r', 'x', []], ['append', 'x', 2]))?.kind,
    ).toBe('vacuous')
  })

  test('is unknown when two writes of one value cannot be told apart, vacuous when nothing reads and then writes', () => {
    expect(verdict(did(0, 0, ['w', 'x', 1]), did(0, 10, ['w', 'x', 1]))?.kind).toBe('unknown')
    expect(verdict(did(0, 0, ['r', 'x', null]), did(0, 10, ['w', 'x', 1]))?.kind).toBe('vacuous')
  })
})
