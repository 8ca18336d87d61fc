import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { check } from '../../src/check/check.ts'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { casRegister } from '../../src/check/models/cas-register.ts'
import { register } from '../../src/check/models/register.ts'
import type { History } from '../../src/history/history.ts'
import type { Model } from '../../src/system/model.ts'
import { op } from '../../src/system/operation.ts'
import { rootOf } from '../address-of.ts'
import { answers, ends, garbled, historyOf, invoke, over, type Line } from './build-history.ts'

const registers = linearizable(register(0))

/** A call of a client that is answered ok. */
interface ClientCall {
  readonly client: number
  /** When it is invoked, and when it is answered. */
  readonly ms: readonly [from: number, to: number]
  readonly f: string
  readonly input?: unknown
  readonly answer?: unknown
}

/** The history of these calls in order of time. */
function inOrder(...calls: readonly ClientCall[]): History {
  const moments = calls.flatMap(({ client, ms: [from, to], f, input = null, answer = null }, invocation) => [
    { atMs: from, line: invoke(from, f, invocation, input, client) },
    { atMs: to, line: answers(to, invocation, answer) },
  ])
  return historyOf(...moments.toSorted((a, b) => a.atMs - b.atMs).map(({ line }) => line), over(99))
}

const stale = inOrder(
  { client: 1, ms: [0, 10], f: 'write', input: 1 },
  { client: 2, ms: [11, 20], f: 'write', input: 2 },
  { client: 4, ms: [15, 18], f: 'read', answer: 1 },
  { client: 3, ms: [21, 30], f: 'read', answer: 1 },
)

describe('linearizable', () => {
  test('holds when every read returns what was written last, or is being written', () => {
    const history = inOrder(
      { client: 1, ms: [0, 10], f: 'write', input: 1 },
      { client: 2, ms: [5, 8], f: 'read', answer: 1 },
      { client: 3, ms: [6, 7], f: 'read', answer: 0 },
      { client: 2, ms: [11, 12], f: 'read', answer: 1 },
    )

    expect(registers.check(history)).toEqual({ kind: 'holds', reasons: [] })
  })

  test('ignores a read whose answer was damaged', () => {
    const damaged = [invoke(0, 'read', 0), garbled(3, 'read', 0), answers(5, 0, 7)]

    expect(registers.check(historyOf(...damaged, over(9))).kind).toBe('vacuous')
    expect(registers.check(historyOf(...damaged, invoke(6, 'read', 1), answers(8, 1, 0), over(9))).kind).toBe('holds')

    const words = linearizable(register(0), [op('read', fc.nat(), () => 0).as((_, output) => ({ f: 'read', output }))])

    expect(words.check(historyOf(...damaged, invoke(6, 'read', 1), answers(8, 1, 1), over(9))).kind).toBe('violated')
  })

  test('is violated by a stale read, and says what, when, after what, and which answers contradict each other', () => {
    expect(registers.check(stale)).toEqual({
      kind: 'violated',
      reasons: [
        {
          kind: 'not-linearizable',
          text:
            'read by client 3 returned 1 (0.021 s to 0.030 s), but the register was 2 (after write 2 by ' +
            'client 2) then. ' +
            'All that was answered earlier fits, up to write 2 by client 2 (0.011 s to 0.020 s). ' +
            'These contradict each other, whatever became of the others; without any one of them there is an ' +
            'order: write 1 by client 1, write 2 by client 2 and read by client 3 returned 1.',
          events: [0, 1, 2, 5, 6, 7],
        },
      ],
    })
  })

  test('says when no operation can have caused the value that was read', () => {
    expect(registers.check(inOrder({ client: 1, ms: [0, 1], f: 'read', answer: 7 })).reasons[0]).toMatchObject({
      text:
        'read by client 1 returned 7 (0.000 s to 0.001 s), but the register was 0 (at first) then. Nothing that ' +
        'was asked for could bring that about.',
      events: [0, 1],
    })
  })

  test('judges each key on its own, and names the one that is violated', () => {
    const at = (key: string, line: Line): Line => ({
      kind: 'event',
      make: (seq, before) => {
        const made = line.kind === 'event' ? line.make(seq, before) : undefined
        if (made?.kind !== 'invoke') throw new Error('only invocations have keys')
        return { ...made, key }
      },
    })
    const history = historyOf(
      at('x', invoke(0, 'write', 0, 1)),
      ends(1, 'ok', 0),
      at('y', invoke(2, 'read', 1)),
      answers(3, 1, 1),
      over(9),
    )

    expect(registers.check(history).reasons[0]).toMatchObject({
      subject: 'y',
      kind: 'not-linearizable',
      text: expect.stringContaining(
        'returned 1 on "y" (0.002 s to 0.003 s), but the register was 0 (at first) then.',
      ) as string,
    })
  })

  test('lets an operation without an answer happen at any later time, or never, but not twice', () => {
    const lost = historyOf(
      invoke(0, 'write', 0, 1, 1),
      ends(1, 'info', 0, 'timeout'),
      invoke(2, 'read', 1, null, 2),
      answers(3, 1, 0),
      invoke(4, 'read', 2, null, 2),
      answers(5, 2, 1),
      over(9),
    )

    expect(registers.check(lost).kind).toBe('holds')

    const pending = historyOf(...[invoke(0, 'write', 0, 1, 1), invoke(4, 'read', 2, null, 2), answers(5, 2, 1)])

    expect(registers.check(pending).kind).toBe('holds')

    const twice = historyOf(
      invoke(0, 'write', 0, 1, 1),
      invoke(1, 'read', 1, null, 2),
      answers(2, 1, 1),
      invoke(3, 'write', 2, 0, 2),
      ends(4, 'ok', 2),
      invoke(5, 'read', 3, null, 2),
      answers(6, 3, 0),
      invoke(7, 'read', 4, null, 2),
      answers(8, 4, 1),
      over(9),
    )

    expect(registers.check(twice).kind).toBe('violated')
  })

  test('treats an operation that failed as not done', () => {
    const refused = historyOf(
      invoke(0, 'write', 0, 1, 1),
      ends(1, 'fail', 0, 'status 409'),
      invoke(2, 'read', 1, null, 2),
      answers(3, 1, 1),
      over(9),
    )

    expect(registers.check(refused).kind).toBe('violated')
  })

  test('reads operations by as(...), and ignores others', () => {
    const get = op('get', fc.constant(null), () => Promise.resolve({ body: '1' }))
    const put = op('put', fc.nat(), () => Promise.resolve(null))
    const told = linearizable(register(0), [
      get.as((_, answer) => ({ f: 'read', output: answer === undefined ? undefined : Number(answer.body) })),
      put.as((input) => ({ f: 'write', input })),
    ])
    const history = (body: string): History =>
      inOrder(
        { client: 1, ms: [0, 1], f: 'put', input: 1 },
        { client: 1, ms: [2, 3], f: 'get', answer: { body } },
        { client: 1, ms: [4, 5], f: 'ping', answer: 'pong' },
      )

    expect([told.check(history('1')).kind, told.check(history('0')).kind]).toEqual(['holds', 'violated'])
  })

  test('ignores a damaged answer even if as(...) returns something for it', () => {
    const get = op('get', fc.constant(null), () => fetch('http://x/'))
    const told = linearizable(register('a'), [get.as((_, answer) => ({ f: 'read', output: answer?.body }))])
    const garbled: Line = {
      kind: 'event',
      make: (seq) => ({
        kind: 'fault',
        seq,
        atMs: 1,
        node: 'x',
        cause: 0,
        fault: {
          kind: 'garble',
          at: { root: rootOf('get#0'), path: [], from: 'x', to: 'client', operation: 'GET /', leg: 'reply', nth: 1 },
          body: 'empty',
        },
      }),
    }
    const reads = (...between: readonly Line[]): History =>
      historyOf(
        invoke(0, 'get', 0),
        ...between,
        answers(1, 0, { status: 200, body: '' }),
        invoke(2, 'get', 1),
        answers(3, 1, { status: 200, body: 'a' }),
      )

    expect([told.check(reads(garbled)).kind, told.check(reads()).kind]).toEqual(['holds', 'violated'])
  })

  test('is vacuous when nothing was answered', () => {
    expect(registers.check(historyOf(over(0))).kind).toBe('vacuous')
    expect(
      registers.check(historyOf(invoke(0, 'write', 0, 1), ends(1, 'info', 0), over(9))).reasons[0]?.text,
    ).toContain('any order will do')
  })

  test('is a function of the history: the same text twice, and the history unchanged', () => {
    const before = JSON.stringify(stale)

    expect(JSON.stringify(registers.check(stale))).toBe(JSON.stringify(registers.check(stale)))
    expect(JSON.stringify(stale)).toBe(before)
  })
})

test('a read without a value is reported as returning null', () => {
  const [verdict] = check(
    inOrder({ client: 1, ms: [0, 10], f: 'write', input: 1 }, { client: 2, ms: [20, 30], f: 'read' }),
    [registers],
  )

  expect(verdict?.reasons[0]?.text).toContain(
    'read by client 2 returned null (0.020 s to 0.030 s), but the register was 1',
  )
})

describe('budgets', () => {
  /**
   * Writes that each flip one bit, and a read of a state that they never reach. Every subset of the writes leads to
   * another state, so that the search explodes.
   */
  const bits: Model<number> = {
    name: 'bits',
    initial: () => 0,
    readOnly: ({ f }) => f === 'read',
    step: (state, { f, input, output }) =>
      f === 'read' ? (output === state ? state : undefined) : state ^ (1 << Number(input)),
  }
  const explosive = historyOf(
    ...Array.from({ length: 30 }, (_, bit) => invoke(bit, 'flip', bit, bit, bit)),
    invoke(40, 'read', 30, null, 30),
    answers(50, 30, -1),
    over(99),
  )

  test('unknown names the budget of steps', () => {
    expect(linearizable(bits, undefined, { steps: 10_000 }).check(explosive)).toMatchObject({
      kind: 'unknown',
      reasons: [
        {
          text:
            'the budget of 10000 steps ran out before the 31 operations had an order, or none was left to try. ' +
            'Give more { steps }, or let fewer operations run at once.',
        },
      ],
    })
  })

  test('unknown names the budget of bytes', () => {
    expect(linearizable(bits, undefined, { bytes: 100_000 }).check(explosive).reasons[0]?.text).toContain(
      'the budget of 100000 bytes ran out',
    )
  })

  test('a key whose search explodes does not hide one that is violated', () => {
    const keyed = historyOf(
      ...Array.from({ length: 30 }, (_, bit) => invoke(bit, 'flip', bit, bit, bit)),
      invoke(40, 'read', 30, null, 30),
      answers(50, 30, -1),
      invoke(60, 'read', 31, 'other', 31),
      answers(70, 31, 1),
      over(99),
    )
    const apart: Model<number> = { ...bits, key: ({ input }) => (input === 'other' ? 'other' : 'bits') }

    expect(linearizable(apart, undefined, { steps: 20_000 }).check(keyed)).toMatchObject({
      kind: 'violated',
      reasons: [{ subject: 'other' }],
    })
  })

  test('50 writes without an answer, each read once, have an order; one of them read again has none', () => {
    const writes = Array.from({ length: 50 }, (_, n) => invoke(n, 'write', n, n + 1, n))
    const reads = (values: readonly number[]): readonly Line[] =>
      values.flatMap((value, n) => [invoke(60, 'read', 60 + n, null, 60), answers(61, 60 + n, value)])
    const values = Array.from({ length: 50 }, (_, n) => 50 - n)

    expect(registers.check(historyOf(...writes, ...reads(values))).kind).toBe('holds')
    expect(registers.check(historyOf(...writes, ...reads([...values, 7]))).kind).toBe('violated')
  })

  test('an invalid budget is refused', () => {
    expect(() => linearizable(register(), undefined, { steps: 0 })).toThrow(
      'linearizable(register): the budget of steps is 0; give a number above 0.',
    )
  })
})

describe('a model or history that cannot be judged gives an error that names the operation', () => {
  const read = inOrder({ client: 4, ms: [0, 1], f: 'read', answer: 0 })
  const said = (model: Model<unknown>, history: History = read): string | undefined => {
    const [verdict] = check(history, [linearizable(model)])
    return verdict?.kind === 'unknown' ? verdict.reasons[0]?.text : `${verdict?.kind}`
  }

  test('a model whose step depends on more than its arguments', () => {
    let calls = 0
    const moody: Model<number> = { name: 'moody', initial: () => 0, step: () => calls++ }

    expect(said(moody)).toBe(
      'linearizable(moody) threw: read by client 4 (event 0): the model moody steps from 0 to 0, and asked ' +
        'again to 1. ' +
        'step has to be a function of its arguments alone, and to leave them as they are.',
    )
  })

  test('a model that changes its state in place', () => {
    const pushing: Model<unknown[]> = {
      name: 'pushing',
      initial: () => [],
      step: (state, { input }) => {
        state.push(input)
        return state
      },
    }

    expect(said(pushing, inOrder({ client: 4, ms: [0, 1], f: 'add', input: 1 }))).toBe(
      'linearizable(pushing) threw: add by client 4 (event 0): the model pushing changed the state that step ' +
        'was given, [] into [1]. Return a new state, and leave the given one as it is.',
    )
  })

  test('a model that starts differently each time', () => {
    let starts = 0

    expect(said({ name: 'restless', initial: () => starts++, step: (state) => state })).toContain(
      'initial() has to return the same each time',
    )
  })

  test('an operation that is declared read-only but changes the state', () => {
    expect(said({ name: 'queue', initial: () => 3, readOnly: () => true, step: (state) => Number(state) - 1 })).toBe(
      'linearizable(queue) threw: read by client 4 (event 0) is declared read-only, but the model queue turns 3 ' +
        'into 2. Correct readOnly, or step.',
    )
  })

  test('the same with an unknown answer: it must not lead to a violation', () => {
    const stock: Model<number> = {
      name: 'stock',
      initial: () => 3,
      readOnly: () => true,
      step: (left, { f, output }) => (f === 'buy' ? Math.max(0, left - 1) : output === left ? left : undefined),
    }
    const history = historyOf(
      invoke(0, 'buy', 0, 'apple', 4),
      ends(10, 'info', 0),
      invoke(20, 'look', 1, null, 4),
      answers(30, 1, 2),
      over(99),
    )

    expect(said(stock, history)).toBe(
      'linearizable(stock) threw: buy by client 4 (event 0) is declared read-only, but the model stock turns 3 ' +
        'into 2. Correct readOnly, or step.',
    )
    expect(said({ ...stock, readOnly: ({ f }) => f === 'look' }, history)).toBe('holds')
  })

  test('an answered read without an output', () => {
    const get = op('read', fc.constant(null), () => Promise.resolve(null))
    const [verdict] = check(read, [linearizable(register(), [get.as(() => ({ f: 'read' }))])])

    expect(verdict?.reasons[0]?.text).toContain(
      'read by client 4 (event 0) only reads and was answered ok, but its act has no output; give what it read, ' +
        'null for nothing there, or isOutputUnknown: true where nobody knows.',
    )
  })

  test('an act that the model does not have', () => {
    expect(said(casRegister(), inOrder({ client: 4, ms: [0, 1], f: 'pop', answer: 0 }))).toContain(
      'The model cas-register has no "pop" (have read, write and cas)',
    )
    expect(said(casRegister(), inOrder({ client: 4, ms: [0, 1], f: 'cas', input: 3, answer: 0 }))).toContain(
      'A cas of 3 is none; its input is [from, to].',
    )
  })

  test('a client that does two things at once', () => {
    expect(said(register(), historyOf(invoke(0, 'read', 0), invoke(1, 'read', 1)))).toContain(
      'client 0 begins read (event 1) while its read (event 0) is open',
    )
  })
})
