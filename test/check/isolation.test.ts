import { describe, expect, test } from 'vitest'
import type { MicroOp } from '../../src/history/act.ts'
import { check } from '../../src/check/check.ts'
import {
  parallelSnapshotIsolation,
  readCommitted,
  repeatableRead,
  serializable,
  snapshotIsolation,
  strictSerializable,
} from '../../src/check/isolation.ts'
import { weakest } from '../../src/check/weakest.ts'
import { op } from '../../src/system/operation.ts'
import * as fc from 'fast-check'
import type { History } from '../../src/history/history.ts'
import { inTurn, together, type Told } from './build-transactions.ts'
import { answers, ends, historyOf, invoke, over } from './build-history.ts'

const r = (key: string, value: unknown): MicroOp => ['r', key, value]
const add = (key: string, element: unknown): MicroOp => ['append', key, element]
const w = (key: string, value: unknown): MicroOp => ['w', key, value]

const models = [
  readCommitted(),
  parallelSnapshotIsolation(),
  snapshotIsolation(),
  repeatableRead(),
  serializable(),
  strictSerializable(),
]
/** The names of the models that the history violates, the weakest first; all others hold. */
function violatedBy(history: History): string {
  const verdicts = check(history, models)
  expect(new Set(verdicts.map(({ kind }) => kind))).not.toContain('unknown')
  return models
    .filter((_, index) => verdicts[index]?.kind === 'violated')
    .map(({ name }) => name)
    .join(' ')
}
const fromCommitted =
  'readCommitted parallelSnapshotIsolation snapshotIsolation repeatableRead serializable strictSerializable'
const fromParallel = 'parallelSnapshotIsolation snapshotIsolation repeatableRead serializable strictSerializable'
const fromSnapshot = 'snapshotIsolation repeatableRead serializable strictSerializable'
const fromRepeatable = 'repeatableRead serializable strictSerializable'

function texts(history: History): readonly string[] {
  return strictSerializable()
    .check(history)
    .reasons.map(({ text }) => text)
}

describe('a single read is wrong', () => {
  test('thin air: a value that nobody wrote', () => {
    const history = together([0, [add('x', 1)]], [1, [r('x', [1, 7])]])

    expect(violatedBy(history)).toBe(fromCommitted)
    expect(readCommitted().check(history)).toEqual({
      kind: 'violated',
      reasons: [
        {
          text:
            'thin air: txn of client 1 read [1,7] of "x" at 0.011 s, but nobody appended 7; expected only what ' +
            'was written.',
          kind: 'thin-air',
          subject: 'x',
          events: [1, 3],
          models: ['read uncommitted'],
        },
      ],
    })
    expect(texts(together([0, [w('x', 1)]], [1, [r('x', 7)]]))[0]).toBe(
      'thin air: txn of client 1 read 7 of "x" at 0.011 s, but nobody wrote 7; expected only what was written.',
    )
    expect(violatedBy(together([0, [add('x', 1)]], [1, [add('x', 7)]], [2, [r('x', [1, 7])]]))).toBe('')
  })

  test('duplicate element: a list shows an element twice', () => {
    const history = together([0, [add('x', 1)]], [1, [r('x', [1, 1])]])

    expect(violatedBy(history)).toBe(fromCommitted)
    expect(texts(history)[0]).toBe(
      'duplicate element: txn of client 1 read [1,1] of "x" at 0.011 s, with 1 more than once; expected each ' +
        'element once.',
    )
  })

  test('G1a: a read of a rolled back write, but not of one that may have been committed', () => {
    const read = (fate: 'ok' | 'fail' | 'info') => together([0, [add('x', 1)], fate], [1, [r('x', [1])]])

    expect(violatedBy(read('fail'))).toBe(fromCommitted)
    expect(texts(read('fail'))).toEqual([
      'G1a: txn of client 1 read [1] of "x" at 0.011 s, but txn of client 0, which appended 1, failed at 0.010 ' +
        's; expected only what was committed.',
    ])
    expect([violatedBy(read('info')), violatedBy(read('ok'))]).toEqual(['', ''])
    expect(violatedBy(together([0, [w('x', 1)], 'fail'], [1, [r('x', 1)]]))).toBe(fromCommitted)
  })

  test('G1b: a read of an intermediate write', () => {
    const history = together([0, [w('x', 1), w('x', 2)]], [1, [r('x', 1)]])

    expect(violatedBy(history)).toBe(fromCommitted)
    expect(texts(history)).toEqual([
      'G1b: txn of client 1 at 0.001 s read 1 of "x", but txn of client 0 at 0.000 s, which wrote 1, wrote 2 ' +
        'after it; expected only what stood at its end.',
    ])
    expect(violatedBy(together([0, [w('x', 1), r('x', 1), w('x', 2)]], [1, [r('x', 2)]]))).toBe('')
  })

  test('future read: a read of a value that the transaction itself writes later', () => {
    const history = together([0, [r('x', [1]), add('x', 1)]])

    expect(violatedBy(history)).toBe(fromCommitted)
    expect(texts(history)).toEqual([
      'future read: txn of client 0 read [1] of "x" at 0.010 s, but appended 1 itself only after that; expected ' +
        'only what was written.',
    ])
    expect(violatedBy(together([0, [r('x', 2), w('x', 1), w('x', 2)]]))).toBe(fromCommitted)
  })

  test("internal: a read that contradicts the transaction's own steps", () => {
    const history = together([0, [add('x', 1), r('x', [])]])

    expect(violatedBy(history)).toBe(fromParallel)
    expect(texts(history)).toEqual([
      'internal: txn of client 0 at 0.000 s read [] of "x"; by its own steps before, expected a list that ends ' +
        'with [1].',
    ])
    expect(texts(together([0, [w('x', 1), r('x', null)]]))).toEqual([
      'internal: txn of client 0 at 0.000 s read null of "x"; by its own steps before, expected 1.',
    ])
    expect(violatedBy(together([0, [add('x', 1), r('x', [1]), add('x', 2), r('x', [1, 2])]]))).toBe('')
  })

  test('incompatible order: two reads that no order of appends explains', () => {
    const history = together([0, [add('x', 1)]], [1, [add('x', 2)]], [2, [r('x', [1, 2])]], [3, [r('x', [2])]])

    expect(violatedBy(history)).toBe(fromCommitted)
    expect(texts(history)[0]).toBe(
      'incompatible order: txn of client 3 read [2] of "x" at 0.013 s, and txn of client 2 read [1,2]; expected ' +
        'one order of what is appended.',
    )
    expect(texts(together([0, [add('x', 1), add('x', 2)]], [1, [r('x', [2])]]))[0]).toBe(
      'incompatible order: txn of client 1 at 0.001 s read [2] of "x", but txn of client 0 at 0.000 s appended ' +
        '1 before 2; expected its order.',
    )
  })
})

describe('transactions depend on each other in a cycle', () => {
  test('G0: each overwrote a write of the other', () => {
    const both = (y: readonly number[]) =>
      together([0, [add('x', 1), add('y', 1)]], [1, [add('x', 2), add('y', 2)]], [2, [r('x', [1, 2]), r('y', y)]])

    expect(violatedBy(both([2, 1]))).toBe(fromCommitted)
    expect(readCommitted().check(both([2, 1])).reasons).toEqual([
      {
        text:
          'G0: T1 appended 1 to "x", after which T2 appended 2; T2 appended 2 to "y", after which T1 appended ' +
          '1. So T1 is before T2 and T2 before T1: a contradiction. ' +
          'Here T1 is txn of client 0 at 0.000 s and T2 is txn of client 1 at 0.001 s.',
        kind: 'anomaly',
        of: 'G0',
        subject: 'x',
        events: [0, 1, 3, 4],
        models: ['read uncommitted'],
      },
    ])
    expect(violatedBy(both([1, 2]))).toBe('')
  })

  test('G1c: each read a write of the other', () => {
    const history = together([0, [add('x', 1), r('y', [1])]], [1, [add('y', 1), r('x', [1])]])

    expect(violatedBy(history)).toBe(fromCommitted)
    expect(texts(history)[0]).toContain(
      'G1c: T1 appended 1 to "x", which T2 read; T2 appended 1 to "y", which T1 read. So T1 is before T2 and T2 ' +
        'before T1: a contradiction.',
    )
    expect(violatedBy(together([0, [w('x', 1), r('y', 1)]], [1, [w('y', 1), r('x', 1)]]))).toBe(fromCommitted)
    expect(violatedBy(together([0, [add('x', 1), r('y', [])]], [1, [add('y', 1), r('x', [1])]]))).toBe('')
  })

  test('fractured read: one write of another transaction, but not its other write', () => {
    const history = together([0, [w('x', 1), w('y', 1)]], [1, [r('x', 1), r('y', null)]])

    expect(violatedBy(history)).toBe(fromParallel)
    expect(texts(history)[0]).toContain(
      'fractured read: T1 wrote 1 to "x", which T2 read; T2 read "y" as null, where T1 wrote 1. So T1 is before ' +
        'T2 and T2 before T1: a contradiction.',
    )
    expect(violatedBy(together([0, [w('x', 1), w('y', 1)]], [1, [r('x', 1), r('y', 1)]]))).toBe('')
  })

  test('G-single: an effect is visible without its cause', () => {
    const history = together([0, [add('x', 1)]], [1, [r('x', [1]), add('y', 1)]], [2, [r('y', [1]), r('x', null)]])

    expect(violatedBy(history)).toBe(fromParallel)
    expect(texts(history)[0]).toContain(
      'G-single: T1 appended 1 to "x", which T2 read; T2 appended 1 to "y", which T3 read; T3 read "x" as null, ' +
        'without 1, which T1 appended. ' +
        'So T1 is before T2, T2 before T3 and T3 before T1: a contradiction.',
    )
    expect(
      violatedBy(together([0, [add('x', 1)]], [1, [r('x', [1]), add('y', 1)]], [2, [r('y', [1]), r('x', [1])]])),
    ).toBe('')
  })

  test('lost update: two transactions read one version and both overwrote it', () => {
    const history = together([0, [r('x', null), w('x', 1)]], [1, [r('x', null), w('x', 2)]])

    expect(violatedBy(history)).toBe(fromParallel)
    expect(texts(history)).toEqual([
      'lost update: txn of client 0 at 0.000 s and txn of client 1 at 0.001 s both read nothing of "x" before ' +
        'they wrote to it; expected that no update overwrites what it has not read.',
    ])
    expect(violatedBy(together([0, [r('x', []), add('x', 1)]], [1, [r('x', []), add('x', 2)]]))).toBe(fromParallel)
    expect(violatedBy(together([0, [r('x', null), w('x', 1)]], [1, [r('x', 1), w('x', 2)]]))).toBe('')
  })

  test('long fork: two readers saw two writes in opposite orders', () => {
    const history = (second: null | readonly number[]) =>
      together(
        [0, [add('x', 1)]],
        [1, [add('y', 1)]],
        [2, [r('x', [1]), r('y', null)]],
        [3, [r('x', second), r('y', [1])]],
      )

    expect(violatedBy(history(null))).toBe(fromSnapshot)
    expect(texts(history(null))[0]).toContain(
      'long fork: T1 appended 1 to "x", which T2 read; T2 read "y" as null, without 1, which T3 appended; T3 ' +
        'appended 1 to "y", which T4 read; ' +
        'T4 read "x" as null, without 1, which T1 appended. So T1 is before T2, T2 before T3, T3 before T4 and ' +
        'T4 before T1: a contradiction.',
    )
    expect(violatedBy(history([1]))).toBe('')
  })

  test('G2-item: write skew', () => {
    const history = together([0, [r('x', null), w('y', 1)]], [1, [r('y', null), w('x', 1)]])

    expect(violatedBy(history)).toBe(fromRepeatable)
    expect(texts(history)[0]).toContain(
      'G2-item: T1 read "x" as null, where T2 wrote 1; T2 read "y" as null, where T1 wrote 1.',
    )
    expect(violatedBy(together([0, [r('x', null), w('y', 1)]], [1, [r('y', 1), w('x', 1)]]))).toBe('')
  })

  test('a long cycle is shortened', () => {
    const ring = together(
      ...Array.from({ length: 20 }, (_, n): Told => [n, [r(`k${n}`, null), add(`k${(n + 1) % 20}`, 1)]]),
    )

    expect(serializable().check(ring).reasons[0]).toMatchObject({
      kind: 'anomaly',
      of: 'G2-item',
      events: Array.from({ length: 40 }, (_, seq) => seq),
    })
    expect(texts(ring)[0]).toContain('; 12 more; T20 read')
    expect(texts(ring)[0]?.length).toBeLessThan(1_200)
  })

  test('real time: an acknowledged append is not visible', () => {
    const late = inTurn([0, [add('x', 1)]], [1, [r('x', [])]])

    expect(violatedBy(late)).toBe('strictSerializable')
    expect(strictSerializable().check(late).reasons).toEqual([
      {
        text:
          'G-single with real time: T1 ended (0.005 s) before T2 began (0.010 s); T2 read "x" as [], without 1, ' +
          'which T1 appended. So T1 is before T2 and T2 before T1: a contradiction. ' +
          'Here T1 is txn of client 0 at 0.000 s and T2 is txn of client 1 at 0.010 s.',
        kind: 'anomaly-with-real-time-order',
        of: 'G-single',
        subject: 'x',
        events: [0, 1, 2, 3],
        models: ['strong snapshot isolation'],
      },
    ])
    expect(violatedBy(together([0, [add('x', 1)]], [1, [r('x', [])]]))).toBe('')
    expect(violatedBy(inTurn([0, [add('x', 1)], 'info'], [1, [r('x', [])]]))).toBe('')
  })

  test('real time: a register goes back to an overwritten value', () => {
    const history = inTurn([0, [w('x', 1)]], [1, [w('x', 2)]], [2, [r('x', 1)]])

    expect(violatedBy(history)).toBe('strictSerializable')
    expect(texts(history)[0]).toContain(
      'T1 wrote 1 to "x", over which T2 wrote 2 (T1 ended before T2 began); ' +
        'T2 wrote 2 to "x", over which T1 wrote 1 (T2 ended before txn of client 2 at 0.020 s, which read 1, began).',
    )
    expect(violatedBy(inTurn([0, [w('x', 1)]], [1, [w('x', 2)]], [2, [r('x', 2)]]))).toBe('')
  })
})

describe('outcomes and values that are not known', () => {
  test('a transaction without an answer has committed, as a whole, if one of its writes was read', () => {
    expect(violatedBy(together([0, [add('x', 1), add('y', 1)], 'info'], [1, [r('x', [1]), r('y', [])]]))).toBe(
      fromParallel,
    )
    expect(violatedBy(together([0, [add('x', 1), add('y', 1)], 'info'], [1, [r('x', []), r('y', [])]]))).toBe('')
  })

  test('reads with an unknown value are ignored', () => {
    const history = together([0, [add('x', 1)]], [1, [r('x', undefined), r('y', null)]])

    expect(violatedBy(history)).toBe('')
    expect(serializable().check(together([0, [add('x', 1)]], [1, [r('x', undefined)]])).kind).toBe('vacuous')
  })

  test('vacuous when nothing was read, answered or invoked', () => {
    const why = (history: History) => serializable().check(history)

    expect(why(inTurn())).toEqual({
      kind: 'vacuous',
      reasons: [{ text: 'there is no transaction in the history.', kind: 'vacuous', events: [] }],
    })
    expect(why(inTurn([0, [r('x', null)], 'info'])).reasons[0]?.text).toBe('none of 1 transactions was answered ok.')
    expect(why(inTurn([0, [add('x', 1)]])).reasons[0]?.text).toBe(
      'no transaction that was answered ok read anything: nobody saw what was written.',
    )
  })
})

describe('registers whose versions are assumed to follow an order', () => {
  const history = inTurn([0, [w('x', 1)]], [1, [w('x', 2), w('y', 2)]], [2, [r('y', 2), r('x', 1)]])

  test('without an assumption any order of versions is possible', () => {
    expect(serializable().check(history).kind).toBe('holds')
    expect(serializable(undefined, { versions: 'session' }).check(history).kind).toBe('holds')

    const { kind, reasons } = serializable(undefined, { versions: 'real time' }).check(history)

    expect(kind).toBe('violated')
    expect(reasons[0]?.text).toContain('over which T2 wrote 2 (T1 ended before T2 began)')
  })

  test('the order of each client can be assumed', () => {
    const own = inTurn([0, [w('x', 1)]], [0, [w('x', 2), w('y', 2)]], [2, [r('y', 2), r('x', 1)]])

    expect(serializable().check(own).kind).toBe('holds')
    expect(serializable(undefined, { versions: 'session' }).check(own).reasons[0]).toMatchObject({
      kind: 'anomaly',
      of: 'fractured read',
    })
  })
})

test('a reader that breaks the order of two others breaks no snapshot, in whatever order they are invoked', () => {
  const [first, second, reader]: readonly [Told, Told, Told] = [
    [0, [r('x', null), add('y', 1)]],
    [1, [add('x', 2)]],
    [2, [r('x', [2]), r('y', null)]],
  ]
  for (const all of [
    [first, second, reader],
    [first, reader, second],
    [second, first, reader],
    [second, reader, first],
    [reader, first, second],
    [reader, second, first],
  ]) {
    expect(violatedBy(together(...all))).toBe(fromRepeatable)
  }
})

test('a long cycle with a read skew is found beside a shorter long fork', () => {
  const fork: readonly Told[] = [
    [0, [add('x', 1)]],
    [1, [add('y', 2)]],
    [2, [r('x', [1]), r('y', null)]],
    [3, [r('y', [2]), r('x', null)]],
  ]

  expect(violatedBy(together(...fork))).toBe(fromSnapshot)

  const heard: readonly Told[] = [
    [4, [r('x', [1]), add('a', 1)]],
    [5, [r('a', [1]), add('b', 1)]],
    [6, [r('b', [1]), add('c', 1)]],
    [7, [r('c', [1]), r('x', null)]],
  ]

  expect(violatedBy(together(...fork, ...heard))).toBe(fromParallel)
  expect(weakest(together([0, [w('x', 1), w('y', 1)]], [1, [r('x', 1), r('y', null)]])).violated).toContain(
    'read atomic',
  )
})

test('registers: a write without an answer may come after what its client did next; one that was answered may not', () => {
  const next: readonly Told[] = [
    [0, [w('x', 2), w('y', 2)]],
    [2, [r('y', 2), r('x', 1)]],
  ]
  for (const versions of ['session', 'real time'] as const) {
    expect(serializable(undefined, { versions }).check(inTurn([0, [w('x', 1)], 'info'], ...next)).kind).toBe('holds')
    expect(
      serializable(undefined, { versions }).check(inTurn([1, [w('x', 0)]], [0, [r('x', 0), w('x', 1)]], ...next)).kind,
    ).toBe('violated')
  }
})

test('values are compared by content, whatever the order of their keys', () => {
  expect(serializable().check(inTurn([0, [w('x', { a: 1, b: 2 })]], [1, [r('x', { b: 2, a: 1 })]])).kind).toBe('holds')
})

describe('unknown, with what to do', () => {
  const why = (history: History) =>
    check(history, [serializable()]).map(({ kind, reasons }) => `${kind}: ${reasons[0]?.text}`)[0]

  test('a value written twice', () => {
    expect(why(together([0, [add('x', 1)]], [1, [add('x', 1)]]))).toBe(
      'unknown: serializable threw: txn of client 1 (event 1) writes 1 to "x", as txn of client 0 (event 0) ' +
        'did, so a read of it cannot be matched to one of them. Write each value to a key once.',
    )
    expect(why(together([0, [add('x', 1)], 'fail'], [1, [add('x', 1), r('x', [1])]]))).toBe('holds: undefined')
  })

  test('one key as a list and as a register', () => {
    expect(why(together([0, [add('x', 1)]], [1, [w('x', 2)]]))).toContain(
      'txn of client 1 (event 1) writes over "x", which was appended to before; a key is either a list or a register.',
    )
  })

  test('a list that is read as something else', () => {
    expect(why(together([0, [add('x', 1)]], [1, [r('x', 1)]]))).toContain(
      'txn of client 1 (event 1) reads "x" as 1, which is no list, though the key is one; give all its elements ' +
        'as an array.',
    )
  })

  test('undefined or null as a value', () => {
    expect(why(together([0, [w('x', undefined)]]))).toContain(
      'writes a value that nobody knows (undefined) to "x": name one that is known without the answer',
    )
    expect(why(together([0, [w('x', null)]]))).toContain(
      'writes null to "x", which means that nothing is there; write a value.',
    )
  })

  test('an input that is not a transaction', () => {
    expect(why(historyOf(invoke(0, 'txn', 0, 'x'), answers(1, 0, 'x')))).toContain('Event 0 is a transaction of "x"')
  })
})

describe('the meaning of operations', () => {
  test('plain reads, writes and appends of recorded histories', () => {
    const history = historyOf(
      invoke(0, 'w', 0, 1),
      ends(1, 'ok', 0),
      invoke(2, 'w', 1, 2),
      ends(3, 'ok', 1),
      invoke(4, 'read', 2),
      answers(5, 2, 1),
      over(9),
    )

    expect(violatedBy(history)).toBe('strictSerializable')
  })

  test('operations with as(...); other operations are ignored', () => {
    const buy = op('buy', fc.constant({ ticket: 't' }), () => ({ before: 0 }))
    const bought = buy.as(({ ticket }, answer): readonly MicroOp[] => [
      ['r', ticket, answer === undefined ? undefined : [answer.before]],
    ])
    const history = historyOf(
      invoke(0, 'buy', 0, { ticket: 't' }),
      invoke(1, 'noise', 1, 5, 1),
      answers(2, 0, { before: 3 }),
      over(9),
    )

    expect(serializable([bought]).check(history).reasons[0]?.text).toContain(
      'thin air: buy of client 0 read [3] of "t" at 0.002 s',
    )
  })
})
