import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { counterBounds } from '../../src/check/counter-bounds.ts'
import { answers, ends, historyOf, invoke, type Line } from './build-history.ts'
import { acts } from './build-transactions.ts'

const verdict = (...lines: readonly (readonly Line[])[]) => check(historyOf(...lines.flat()), [counterBounds()])[0]

describe('counterBounds', () => {
  test('holds when a read is between the certain and the possible sum', () => {
    const unsure = [invoke(10, 'add', 7, 2, 1), ends(15, 'info', 7)]

    expect(verdict(acts(0, 0, 'add', 3), unsure, acts(0, 20, 'read', null, 3), acts(0, 30, 'read', null, 5))).toEqual({
      kind: 'holds',
      reasons: [],
    })
  })

  test('is violated below the certain and above the possible sum', () => {
    expect(verdict(acts(0, 0, 'add', 3), acts(0, 20, 'read', null, 2))).toMatchInlineSnapshot(`
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
            "kind": "counter-too-low",
            "text": "read of client 0 read 2 of the counter at 0.025 s; expected at least 3, as was certainly added before.",
          },
        ],
      }
    `)
    expect(verdict(acts(0, 0, 'add', 3), acts(0, 20, 'read', null, 4))?.reasons[0]?.text).toMatchInlineSnapshot(
      `"read of client 0 read 4 of the counter at 0.025 s; expected at most 3, as could have been added until then."`,
    )
  })

  test('counts an add that overlaps a read as possible, also one below 0, and never one that failed', () => {
    const overlapping = (amount: number) => [
      invoke(0, 'read', 1, null, 0),
      invoke(0, 'add', 2, amount, 1),
      ends(4, 'ok', 2),
    ]
    const read = (value: number) => [answers(5, 1, value)]

    expect([2, 1, 0, -1].map((value) => verdict(overlapping(1), read(value))?.kind)).toEqual([
      'violated',
      'holds',
      'holds',
      'violated',
    ])
    expect([1, 0, -1, -2].map((value) => verdict(overlapping(-1), read(value))?.kind)).toEqual([
      'violated',
      'holds',
      'holds',
      'violated',
    ])
    expect(verdict([invoke(0, 'add', 1, 3, 1), ends(5, 'fail', 1)], acts(0, 10, 'read', null, 3))?.kind).toBe(
      'violated',
    )
  })

  test('keeps counters apart', () => {
    const keyed = (line: Line, key: string): Line =>
      line.kind === 'event' ? { ...line, make: (seq, before) => ({ ...line.make(seq, before), key }) } : line
    const lines = [
      ...acts(0, 0, 'add', 3).map((line) => keyed(line, 'a')),
      ...acts(0, 10, 'read', null, 3).map((line) => keyed(line, 'b')),
    ]

    expect(verdict(lines)?.reasons[0]?.subject).toBe('b')
  })

  test('is unknown when a read is not a number or an act not one of a counter, vacuous without reads', () => {
    expect(verdict(acts(0, 0, 'read', null, 'many'))?.reasons[0]?.text).toContain(
      'read of client 0 (event 0) read "many"; give a finite number',
    )
    expect(verdict(acts(0, 0, 'reset', null))?.reasons[0]?.text).toContain('is "reset", which is no act of a counter')
    expect(verdict(acts(0, 0, 'add', 3))?.kind).toBe('vacuous')
  })
})
