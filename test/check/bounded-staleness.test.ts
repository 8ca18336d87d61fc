import { describe, expect, test } from 'vitest'
import { boundedStaleness } from '../../src/check/bounded-staleness.ts'
import { check } from '../../src/check/check.ts'
import { historyOf, type Line } from './build-history.ts'
import { asks, did } from './build-transactions.ts'

const verdict = (ms: number, ...lines: readonly (readonly Line[])[]) =>
  check(historyOf(...lines.flat()), [boundedStaleness(ms)])[0]
const written = [did(0, 0, ['w', 'x', 1]), did(0, 100, ['w', 'x', 2])]

describe('boundedStaleness', () => {
  test('holds when no read is older than the budget', () => {
    expect(verdict(1_000, ...written, did(1, 1_105, ['r', 'x', 1]))).toEqual({ kind: 'holds', reasons: [] })
  })

  test('is violated by a read of a version that was overwritten too long ago', () => {
    expect(verdict(1_000, ...written, did(1, 1_106, ['r', 'x', 1]))).toMatchInlineSnapshot(`
      {
        "kind": "violated",
        "reasons": [
          {
            "events": [
              0,
              1,
              2,
              3,
              4,
              5,
            ],
            "kind": "stale-read",
            "subject": "x",
            "text": "txn of client 1 read 1 of "x", asking at 1.106 s, 1.001 s after 2 of client 0 was there (answered at 0.105 s); expected nothing older than 1.000 s.",
          },
        ],
      }
    `)
    expect(
      verdict(0, did(0, 0, ['append', 'x', 1]), did(1, 10, ['r', 'x', []]))?.reasons[0]?.text,
    ).toMatchInlineSnapshot(
      `"txn of client 1 read nothing of "x", asking at 0.010 s, 0.005 s after 1 of client 0 was there (answered at 0.005 s); expected nothing older than 0.000 s."`,
    )
  })

  test('treats no version as overwritten that may be newer', () => {
    const [one, other] = [did(0, 0, ['w', 'x', 1]), did(1, 0, ['w', 'x', 2])]

    expect(
      verdict(0, one.slice(0, 1), other.slice(0, 1), one.slice(1), other.slice(1), did(2, 500, ['r', 'x', 1]))?.kind,
    ).toBe('holds')
    expect(verdict(0, did(0, 0, ['w', 'x', 1]), asks(0, 100, ['w', 'x', 2]), did(2, 500, ['r', 'x', 1]))?.kind).toBe(
      'holds',
    )
  })

  test('counts a write without an answer once somebody has read it', () => {
    const lines = [
      did(0, 0, ['w', 'x', 1]),
      asks(0, 100, ['w', 'x', 2]),
      did(1, 200, ['r', 'x', 2]),
      did(2, 500, ['r', 'x', 1]),
    ]

    expect(verdict(0, ...lines)?.reasons[0]?.text).toMatchInlineSnapshot(
      `"txn of client 2 read 1 of "x", asking at 0.500 s, 0.295 s after 2 of client 0 was there (read by client 1 at 0.205 s); expected nothing older than 0.000 s."`,
    )
  })

  test('is unknown when two writes of one value cannot be told apart, vacuous when nothing could be stale', () => {
    expect(verdict(0, did(0, 0, ['w', 'x', 1]), did(0, 10, ['w', 'x', 1]))?.kind).toBe('unknown')
    expect(verdict(0, did(1, 0, ['r', 'x', null]), did(0, 10, ['w', 'x', 1]))?.kind).toBe('vacuous')
  })

  test('refuses an invalid budget', () => {
    expect(() => boundedStaleness(-1)).toThrow('boundedStaleness(-1): give milliseconds from 0.')
  })
})
