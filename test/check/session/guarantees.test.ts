// The four session guarantees on histories written by hand.
import { describe, expect, test } from 'vitest'
import { check } from '../../../src/check/check.ts'
import { monotonicReads } from '../../../src/check/session/monotonic-reads.ts'
import { monotonicWrites } from '../../../src/check/session/monotonic-writes.ts'
import { readYourWrites } from '../../../src/check/session/read-your-writes.ts'
import { writesFollowReads } from '../../../src/check/session/writes-follow-reads.ts'
import type { Reason } from '../../../src/verdict/reason.ts'
import type { Invariant } from '../../../src/verdict/verdict.ts'
import { historyOf, invoke, type Line } from '../build-history.ts'
import { asks, did, fails } from '../build-transactions.ts'

const kindOf = (invariant: Invariant, ...lines: readonly (readonly Line[])[]) =>
  check(historyOf(...lines.flat()), [invariant])[0]?.kind
const reasonOf = (invariant: Invariant, ...lines: readonly (readonly Line[])[]): Reason | undefined =>
  check(historyOf(...lines.flat()), [invariant])[0]?.reasons[0]

describe('readYourWrites', () => {
  test('holds when a client reads its last write, or a newer one', () => {
    const lines = [
      did(0, 0, ['w', 'x', 1]),
      did(0, 10, ['r', 'x', 1]),
      did(1, 20, ['w', 'x', 2]),
      did(0, 30, ['r', 'x', 2]),
    ]

    expect(kindOf(readYourWrites(), ...lines)).toBe('holds')
  })

  test("holds when a write that began earlier than the client's own turns out to be newer", () => {
    expect(
      kindOf(readYourWrites(), did(1, 0, ['w', 'x', 2]), did(0, 10, ['w', 'x', 1]), did(0, 20, ['r', 'x', 2])),
    ).toBe('holds')
  })

  test('is violated when a client reads nothing from a key that it has written', () => {
    expect(reasonOf(readYourWrites(), did(0, 0, ['w', 'x', 1]), did(0, 10, ['r', 'x', null]))).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
          2,
          3,
        ],
        "kind": "own-write-unseen",
        "subject": "x",
        "text": "Of "x", client 0 wrote 1 at 0.005 s and then read nothing at 0.015 s; expected that a client reads its own last write, or a newer one.",
      }
    `)
  })

  test('is violated by a read of its own earlier write, or of a version that it read before it wrote', () => {
    expect(reasonOf(readYourWrites(), did(0, 0, ['w', 'x', 1]), did(0, 10, ['w', 'x', 2]), did(0, 20, ['r', 'x', 1])))
      .toMatchInlineSnapshot(`
        {
          "events": [
            0,
            1,
            2,
            3,
            4,
            5,
          ],
          "kind": "own-write-unseen",
          "subject": "x",
          "text": "Of "x", client 0 wrote 2 at 0.015 s and then read 1 at 0.025 s; while client 0 wrote 1 at 0.005 s and then wrote 2 at 0.015 s: no order of its writes allows that; expected that a client reads its own last write, or a newer one.",
        }
      `)

    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(0, 10, ['r', 'x', 1]),
      did(0, 20, ['w', 'x', 2]),
      did(0, 30, ['r', 'x', 1]),
    ]

    expect(kindOf(readYourWrites(), ...lines)).toBe('violated')
  })

  test("is violated when two clients read each other's write after their own", () => {
    const lines = [
      did(0, 0, ['w', 'x', 1]),
      did(1, 1, ['w', 'x', 2]),
      did(0, 10, ['r', 'x', 2]),
      did(1, 20, ['r', 'x', 1]),
    ]

    expect(reasonOf(readYourWrites(), ...lines)).toMatchInlineSnapshot(`
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
        "kind": "own-write-unseen",
        "subject": "x",
        "text": "Of "x", client 0 wrote 1 at 0.005 s and then read 2 at 0.015 s; while client 1 wrote 2 at 0.006 s and then read 1 at 0.025 s: no order of its writes allows that; expected that a client reads its own last write, or a newer one.",
      }
    `)
  })

  test('is violated by a list without an element that the client appended', () => {
    const lines = [
      did(0, 0, ['append', 'x', 1]),
      did(1, 10, ['append', 'x', 2]),
      did(0, 20, ['append', 'x', 3]),
      did(0, 30, ['r', 'x', [1, 2]]),
    ]

    expect(reasonOf(readYourWrites(), ...lines)).toMatchInlineSnapshot(`
      {
        "events": [
          4,
          5,
          6,
          7,
        ],
        "kind": "own-write-unseen",
        "subject": "x",
        "text": "Of "x", client 0 appended 3 at 0.025 s and then read up to 2 at 0.035 s; while no list shows 3, so that it stands last: no order of its writes allows that; expected that a client reads its own last write, or a newer one.",
      }
    `)
  })

  test('ignores a write without an answer', () => {
    expect(kindOf(readYourWrites(), asks(0, 0, ['w', 'x', 1]), did(0, 10, ['r', 'x', null]))).toBe('vacuous')
  })

  test('is violated by reads from thin air, from the future and of failed writes', () => {
    expect(reasonOf(readYourWrites(), did(0, 0, ['r', 'x', 1]))).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
        ],
        "kind": "thin-air",
        "subject": "x",
        "text": "txn of client 0 read 1 of "x" at 0.005 s, but nobody wrote 1; expected only what was written.",
      }
    `)
    expect(reasonOf(readYourWrites(), did(0, 0, ['r', 'x', 1]), did(1, 10, ['w', 'x', 1]))).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
          2,
          3,
        ],
        "kind": "thin-air",
        "subject": "x",
        "text": "txn of client 0 read 1 of "x" at 0.005 s, but 1 was asked for only at 0.010 s; expected only what was written.",
      }
    `)
    expect(reasonOf(readYourWrites(), fails(1, 0, ['w', 'x', 1]), did(0, 10, ['r', 'x', 1]))).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
          2,
          3,
        ],
        "kind": "anomaly",
        "of": "G1a",
        "subject": "x",
        "text": "txn of client 0 read 1 of "x" at 0.015 s, but txn of client 1, which wrote 1, failed at 0.005 s; expected only what was committed.",
      }
    `)
  })

  test('is violated by lists of which neither is a prefix of the other', () => {
    const lines = [
      did(0, 0, ['append', 'x', 1]),
      did(1, 0, ['append', 'x', 2]),
      did(0, 10, ['r', 'x', [1, 2]]),
      did(1, 10, ['r', 'x', [2, 1]]),
    ]

    expect(reasonOf(readYourWrites(), ...lines)).toMatchInlineSnapshot(`
      {
        "events": [
          4,
          5,
          6,
          7,
        ],
        "kind": "anomaly",
        "of": "incompatible order",
        "subject": "x",
        "text": "txn of client 1 read [2,1] of "x" at 0.015 s, and txn of client 0 read [1,2]; expected one order of what is appended.",
      }
    `)
    expect(reasonOf(readYourWrites(), did(0, 0, ['append', 'x', 1]), did(0, 10, ['r', 'x', [1, 1]]))?.text).toContain(
      'with 1 more than once',
    )
  })

  test('is unknown when a value does not identify its write, and names the operations', () => {
    expect(reasonOf(readYourWrites(), did(0, 0, ['w', 'x', 1]), did(1, 10, ['w', 'x', 1]))?.text).toMatchInlineSnapshot(
      `"readYourWrites threw: txn of client 1 (event 2) writes 1 to "x", as txn of client 0 (event 0) did, so a read of it cannot be matched to one of them. Write each value to a key once."`,
    )
    expect(kindOf(readYourWrites(), did(0, 0, ['w', 'x', 1]), did(1, 10, ['w', 'x', 1]))).toBe('unknown')
    expect(reasonOf(readYourWrites(), did(0, 0, ['w', 'x', null]))?.text).toContain(
      'writes null to "x", which means that nothing is there',
    )
    expect(reasonOf(readYourWrites(), did(0, 0, ['w', 'x', 1]), did(0, 10, ['append', 'x', 2]))?.text).toContain(
      'which was written over before',
    )
    expect(reasonOf(readYourWrites(), did(0, 0, ['append', 'x', 1]), did(0, 10, ['r', 'x', 1]))?.text).toContain(
      'which is no list',
    )
  })

  test('is vacuous when no client reads a key that it wrote', () => {
    expect(kindOf(readYourWrites())).toBe('vacuous')
    expect(kindOf(readYourWrites(), did(0, 0, ['w', 'x', 1]), did(1, 10, ['r', 'x', 1]))).toBe('vacuous')
    expect(kindOf(readYourWrites(), [invoke(0, 'txn', 1, [['r', 'x', null]])])).toBe('vacuous')
  })
})

describe('monotonicReads', () => {
  test('holds when reads move forward, or stay', () => {
    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(0, 10, ['r', 'x', null]),
      did(0, 20, ['r', 'x', 1]),
      did(0, 30, ['r', 'x', 1]),
    ]

    expect(kindOf(monotonicReads(), ...lines)).toBe('holds')
  })

  test('is violated when a read goes back', () => {
    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(1, 10, ['w', 'x', 2]),
      did(0, 20, ['r', 'x', 2]),
      did(0, 30, ['r', 'x', 1]),
    ]

    expect(reasonOf(monotonicReads(), ...lines)).toMatchInlineSnapshot(`
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
        "kind": "read-went-back",
        "subject": "x",
        "text": "Of "x", client 0 read 2 at 0.025 s and then read 1 at 0.035 s; while client 1 wrote 1 at 0.005 s and then wrote 2 at 0.015 s: no order of its writes allows that; expected that what a client reads never goes back.",
      }
    `)
    expect(
      kindOf(monotonicReads(), did(1, 0, ['append', 'x', 1]), did(0, 20, ['r', 'x', [1]]), did(0, 30, ['r', 'x', []])),
    ).toBe('violated')
  })

  test('is violated when two clients see two writes in opposite orders', () => {
    const lines = [
      did(2, 0, ['w', 'x', 1]),
      did(3, 0, ['w', 'x', 2]),
      did(0, 10, ['r', 'x', 1]),
      did(1, 10, ['r', 'x', 2]),
      did(0, 20, ['r', 'x', 2]),
      did(1, 20, ['r', 'x', 1]),
    ]

    expect(reasonOf(monotonicReads(), ...lines)).toMatchInlineSnapshot(`
      {
        "events": [
          4,
          5,
          6,
          7,
          8,
          9,
          10,
          11,
        ],
        "kind": "read-went-back",
        "subject": "x",
        "text": "Of "x", client 0 read 1 at 0.015 s and then read 2 at 0.025 s; while client 1 read 2 at 0.015 s and then read 1 at 0.025 s: no order of its writes allows that; expected that what a client reads never goes back.",
      }
    `)
  })

  test('holds when another order of concurrent writes explains the reads', () => {
    const lines = [
      did(2, 0, ['w', 'x', 1]),
      did(3, 10, ['w', 'x', 2]),
      did(0, 20, ['r', 'x', 2]),
      did(0, 30, ['r', 'x', 1]),
    ]

    expect(kindOf(monotonicReads(), ...lines)).toBe('holds')
  })

  test('is unknown when two writes of one value cannot be told apart, and vacuous when nobody reads twice', () => {
    expect(kindOf(monotonicReads(), did(0, 0, ['w', 'x', 1]), did(1, 10, ['w', 'x', 1]))).toBe('unknown')
    expect(kindOf(monotonicReads(), did(0, 0, ['r', 'x', null]), did(0, 10, ['r', 'y', null]))).toBe('vacuous')
  })
})

describe('monotonicWrites', () => {
  test('holds when writes keep their order', () => {
    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(1, 10, ['w', 'x', 2]),
      did(0, 20, ['r', 'x', 1]),
      did(0, 30, ['r', 'x', 2]),
    ]

    expect(kindOf(monotonicWrites(), ...lines)).toBe('holds')
  })

  test('is violated by a list in another order, or with the later write alone', () => {
    const lines = [did(1, 0, ['append', 'x', 1]), did(1, 10, ['append', 'x', 2]), did(0, 20, ['r', 'x', [2, 1]])]

    expect(reasonOf(monotonicWrites(), ...lines)).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
          2,
          3,
        ],
        "kind": "writes-out-of-order",
        "subject": "x",
        "text": "Of "x", client 1 appended 1 at 0.005 s and then appended 2 at 0.015 s; while lists show 2 before 1: no order of its writes allows that; expected that the writes of a client keep their order.",
      }
    `)

    const others = [did(1, 0, ['append', 'x', 1]), did(1, 10, ['append', 'x', 2]), did(0, 20, ['r', 'x', [2]])]

    expect(reasonOf(monotonicWrites(), ...others)).toMatchInlineSnapshot(`
      {
        "events": [
          0,
          1,
          2,
          3,
        ],
        "kind": "writes-out-of-order",
        "subject": "x",
        "text": "Of "x", client 1 appended 1 at 0.005 s and then appended 2 at 0.015 s; while no list shows 1, so that it stands last: no order of its writes allows that; expected that the writes of a client keep their order.",
      }
    `)
  })

  test('is violated when a client reads the later write before the earlier one', () => {
    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(1, 10, ['w', 'x', 2]),
      did(0, 20, ['r', 'x', 2]),
      did(0, 30, ['r', 'x', 1]),
    ]

    expect(kindOf(monotonicWrites(), ...lines)).toBe('violated')
  })

  test('is unknown when reads go back by themselves', () => {
    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(1, 10, ['w', 'x', 2]),
      did(0, 20, ['r', 'x', 2]),
      did(0, 30, ['r', 'x', 1]),
      did(0, 40, ['r', 'x', 2]),
    ]

    expect(kindOf(monotonicWrites(), ...lines)).toBe('unknown')
    expect(reasonOf(monotonicWrites(), ...lines)?.text).toBe(
      'monotonicReads does not hold for "x", so monotonicWrites cannot be judged there',
    )
  })

  test('is vacuous when no client writes twice to a key that is read', () => {
    expect(kindOf(monotonicWrites(), did(1, 0, ['w', 'x', 1]), did(1, 10, ['w', 'x', 2]))).toBe('vacuous')
  })
})

describe('writesFollowReads', () => {
  test('holds when an answer comes after its question', () => {
    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(0, 10, ['r', 'x', 1]),
      did(0, 20, ['w', 'x', 2]),
      did(2, 30, ['r', 'x', 1]),
      did(2, 40, ['r', 'x', 2]),
    ]

    expect(kindOf(writesFollowReads(), ...lines)).toBe('holds')
  })

  test('is violated when a client reads an answer before its question', () => {
    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(0, 10, ['r', 'x', 1]),
      did(0, 20, ['w', 'x', 2]),
      did(2, 30, ['r', 'x', 2]),
      did(2, 40, ['r', 'x', 1]),
    ]

    expect(reasonOf(writesFollowReads(), ...lines)).toMatchInlineSnapshot(`
      {
        "events": [
          2,
          3,
          4,
          5,
          6,
          7,
          8,
          9,
        ],
        "kind": "write-before-its-cause",
        "subject": "x",
        "text": "Of "x", client 0 read 1 at 0.015 s and then wrote 2 at 0.025 s; while client 2 read 2 at 0.035 s and then read 1 at 0.045 s: no order of its writes allows that; expected that a write comes after what its client had read.",
      }
    `)
  })

  test('is unknown when reads go back by themselves, and vacuous when no client writes a key that it has read', () => {
    const lines = [
      did(1, 0, ['w', 'x', 1]),
      did(0, 10, ['r', 'x', 1]),
      did(0, 20, ['r', 'x', null]),
      did(0, 30, ['w', 'x', 2]),
    ]

    expect(kindOf(writesFollowReads(), ...lines)).toBe('unknown')
    expect(
      kindOf(writesFollowReads(), did(1, 0, ['w', 'x', 1]), did(0, 10, ['r', 'x', 1]), did(0, 20, ['w', 'y', 2])),
    ).toBe('vacuous')
  })
})
