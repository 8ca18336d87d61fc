// Acts: what the operations of a history mean, by the conventions of recorded histories and by the user's `as(...)`;
// and histories that sequential clients cannot have produced.
import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import type { Act } from '../../src/history/act.ts'
import type { History, HistoryEvent } from '../../src/history/history.ts'
import { op } from '../../src/system/operation.ts'
import { actsOf, conventionalAct, conventionalTransaction } from '../../src/check/acts.ts'
import { answers, ends, garbled, historyOf, invoke, over, type Line } from './build-history.ts'

const acts = (...lines: readonly Line[]): readonly unknown[] =>
  actsOf(historyOf(...lines), undefined, conventionalAct).map(({ act }) => act)
const transactions = (...lines: readonly Line[]): readonly unknown[] =>
  actsOf(historyOf(...lines), undefined, conventionalTransaction).map(({ act }) => act)

describe('acts by convention', () => {
  test('an act holds the name, the input and the answer of an operation', () => {
    expect(acts(invoke(0, 'cas', 0, [1, 2]), answers(5, 0, true))).toEqual([{ f: 'cas', input: [1, 2], output: true }])
  })

  test('an empty answer is null; without an answer the output is not known', () => {
    expect(acts(invoke(0, 'read', 0), ends(5, 'ok', 0))).toEqual([{ f: 'read', input: undefined, output: null }])

    for (const unanswered of [
      acts(invoke(0, 'read', 0)),
      acts(invoke(0, 'read', 0), ends(5, 'info', 0, 'timeout', 7)),
    ]) {
      expect(unanswered).toEqual([{ f: 'read', input: undefined }])
      expect(unanswered[0]).not.toHaveProperty('output')
    }
  })

  test('a damaged answer shows only that the operation happened', () => {
    const [one] = actsOf(
      historyOf(invoke(0, 'read', 0), garbled(3, 'read', 0), answers(5, 0, 7)),
      undefined,
      conventionalAct,
    )

    expect(one).toMatchObject({ known: true, isDamaged: true })
    expect(one?.act).not.toHaveProperty('output')
    expect(transactions(invoke(0, 'read', 0), garbled(3, 'read', 0), answers(5, 0, 7))).toEqual([
      [['r', 'register', undefined]],
    ])
  })

  test('the key stands beside the input, and is left out if there is none', () => {
    const history = historyOf(invoke(0, 'read', 0))
    const [event] = history.events
    const keyed: History = { ...history, events: [{ ...event, key: 0 } as HistoryEvent] } // an invoke may have one

    expect(actsOf(keyed, undefined, conventionalAct).map(({ act }) => act)).toEqual([
      { f: 'read', key: 0, input: undefined },
    ])
    expect(acts(invoke(0, 'read', 0))[0]).not.toHaveProperty('key')
  })

  test('acts are in order of invocation, each with its call, without operations that failed', () => {
    const acted = actsOf(
      historyOf(
        invoke(0, 'write', 0, 1, 0),
        invoke(1, 'write', 1, 2, 1),
        invoke(2, 'write', 2, 3, 2),
        invoke(3, 'read', 3, undefined, 3),
        ends(4, 'ok', 1),
        ends(5, 'fail', 0, 'status 409'),
        ends(6, 'info', 2, 'timeout'),
        over(9),
      ),
      undefined,
      conventionalAct,
    )

    expect(acted.map(({ act, known, call }) => [act.f, act.input, known, call.invoke.seq, call.end?.seq])).toEqual([
      ['write', 2, true, 1, 4],
      ['write', 3, false, 2, 6],
      ['read', undefined, false, 3, undefined],
    ])
  })

  test('an empty history has no acts', () => {
    expect(acts()).toEqual([])
    expect(acts(over(0))).toEqual([])
  })
})

describe('transactions by convention', () => {
  test('txn holds micro-operations: those of the answer or, without one, those of the input with unknown reads', () => {
    const asked = [
      ['r', 'x', null],
      ['append', 'y', 1],
      ['w', 2, 'z'],
    ]
    const answered = [
      ['r', 'x', [1, 2]],
      ['append', 'y', 1],
      ['w', 2, 'z'],
    ]

    expect(transactions(invoke(0, 'txn', 0, asked), answers(5, 0, answered))).toEqual([answered])
    expect(transactions(invoke(0, 'txn', 0, asked), ends(5, 'info', 0, 'timeout', asked))).toEqual([
      [
        ['r', 'x', undefined],
        ['append', 'y', 1],
        ['w', 2, 'z'],
      ],
    ])
    expect(transactions(invoke(0, 'txn', 0, asked))).toEqual([
      [
        ['r', 'x', undefined],
        ['append', 'y', 1],
        ['w', 2, 'z'],
      ],
    ])
    expect(transactions(invoke(0, 'txn', 0, []), answers(5, 0, []))).toEqual([[]])
  })

  test('a plain operation is a transaction of one micro-operation, on "register" without a key', () => {
    expect(
      transactions(
        invoke(0, 'read', 0),
        answers(1, 0, 4),
        invoke(2, 'r', 1),
        ends(3, 'ok', 1),
        invoke(4, 'write', 2, 5),
        ends(5, 'ok', 2),
        invoke(6, 'w', 3, 6),
        ends(7, 'info', 3),
        invoke(8, 'append', 4, 7),
        ends(9, 'ok', 4),
        invoke(10, 'read', 5),
      ),
    ).toEqual([
      [['r', 'register', 4]],
      [['r', 'register', null]],
      [['w', 'register', 5]],
      [['w', 'register', 6]],
      [['append', 'register', 7]],
      [['r', 'register', undefined]],
    ])
  })

  test.each<readonly [unknown]>([
    ['r x'],
    [[['r']]],
    [[['reads', 'x', 1]]],
    [[['r', null, 1]]],
    [[{ r: 'x' }]],
    [null],
  ])('%j is no transaction', (value) => {
    const message =
      /^Event 0 is a transaction of .+; write a list of \["r", key, value\], \["w", key, value\] or \["append", key, element\]\.$/

    expect(() => transactions(invoke(0, 'txn', 0, value))).toThrow(message)
    expect(() => transactions(invoke(0, 'txn', 0, []), answers(1, 0, value))).toThrow(message)
  })

  test('an operation that is not a transaction is refused by name', () => {
    expect(() => transactions(invoke(0, 'transfer', 0))).toThrow(
      'Event 0 is "transfer", which is no transaction (have txn, read, write, append). Say what the operation means: give ' +
        'operation.as(...).',
    )
  })
})

describe("acts in the user's words", () => {
  const get = op('get', fc.record({ key: fc.string() }), ({ key }) => key.length)
  const meant = get.as<Act>(({ key }, answer) => ({ f: 'read', key, output: answer }))
  const put = op('put', fc.nat(), () => undefined).as<Act>((value) => ({ f: 'write', input: value }))

  test('reads only the given operations, each with its answer, or undefined without one', () => {
    const history = historyOf(
      invoke(0, 'get', 0, { key: 'a' }),
      answers(1, 0, 3),
      invoke(2, 'ping', 1),
      ends(3, 'ok', 1),
      invoke(4, 'get', 2, { key: 'b' }),
      ends(5, 'info', 2, 'timeout', 4),
      invoke(6, 'put', 3, 9),
    )

    expect(actsOf(history, [meant, put], conventionalAct).map(({ act, known }) => [act, known])).toEqual([
      [{ f: 'read', key: 'a', output: 3 }, true],
      [{ f: 'read', key: 'b', output: undefined }, false],
      [{ f: 'write', input: 9 }, false],
    ])
    expect(actsOf(history, [], conventionalAct)).toEqual([])
  })

  test('an error of the function is reported with its arguments', () => {
    const strict = get.as<Act>(({ key }, answer) => ({ f: 'read', key, output: answer?.toFixed() ?? fail() }))
    const fail = (): never => {
      throw new TypeError('no answer')
    }

    expect(() => actsOf(historyOf(invoke(0, 'get', 0, { key: 'a' })), [strict], conventionalAct)).toThrow(
      'get.as(...) threw TypeError: no answer for {"key":"a"}, answered nothing (undefined); give a meaning to ' +
        'every operation, also to one whose answer is not known.',
    )
    expect(() => actsOf(historyOf(invoke(0, 'get', 0, null), answers(1, 0, 7)), [meant], conventionalAct)).toThrow(
      /^get\.as\(\.\.\.\) threw TypeError.+ for null, answered 7;/,
    )
  })
})

describe('refuses a history that sequential clients cannot have produced', () => {
  const edited = (history: History, seq: number, change: object): History => ({
    ...history,
    events: history.events.map((event) => (event.seq === seq ? { ...event, ...change } : event)),
  })
  const whole = historyOf(invoke(0, 'write', 0, 1), ends(5, 'ok', 0))
  const told = (history: History): unknown => actsOf(history, undefined, conventionalAct)

  test('two overlapping operations of one client', () => {
    expect(() => told(historyOf(invoke(0, 'write', 0, 1), invoke(1, 'read', 1)))).toThrow(
      'client 0 begins read (event 1) while its write (event 0) is open. A client does one thing at a time: ' +
        'give each concurrent operation a client (process) of its own.',
    )
    expect(() => told(historyOf(invoke(0, 'write', 0, 1, 0), invoke(1, 'read', 1, undefined, 1)))).not.toThrow()
  })

  test('but a client may go on after an unknown outcome', () => {
    expect(() => told(historyOf(invoke(0, 'write', 0, 1), ends(1, 'info', 0), invoke(2, 'read', 1)))).not.toThrow()
  })

  test('an end without an invocation, of another operation, or for a second time', () => {
    const message = 'write of client 0 ends (event 1, ok) before it is invoked. Is the history in order, and whole?'

    expect(() => told({ ...whole, events: whole.events.slice(1) })).toThrow(message)
    expect(() => told(edited(whole, 1, { invocation: 4 }))).toThrow(message)
    expect(() => told(edited(whole, 1, { client: 3 }))).toThrow(
      'write of client 3 ends (event 1, ok) before it is invoked.',
    )
    expect(() => told(historyOf(invoke(0, 'write', 0, 1), ends(1, 'ok', 0), ends(2, 'info', 0)))).toThrow(
      'write of client 0 ends (event 2, info) before it is invoked.',
    )
    expect(() => told({ ...whole, events: whole.events.toReversed() })).toThrow(message)
  })

  test('an end that is earlier than its invocation; at the same time is allowed', () => {
    expect(() => told(edited(whole, 0, { atMs: 6 }))).toThrow(
      'write of client 0 ends at 0.005 s (event 1) but is invoked at 0.006 s (event 0). Is the history in order?',
    )
    expect(() => told(edited(whole, 0, { atMs: 5 }))).not.toThrow()
  })

  test('even if only other operations are affected', () => {
    const put = op('put', fc.nat(), () => undefined).as<Act>((value) => ({ f: 'write', input: value }))

    expect(() => actsOf(historyOf(invoke(0, 'write', 0, 1), invoke(1, 'read', 1)), [put], conventionalAct)).toThrow(
      'client 0 begins read',
    )
  })
})
