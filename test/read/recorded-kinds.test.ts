// What recorded histories are like in the wild: nil that says nothing, lines out of order, long integers, sets, fields
// that are left out, arrays, analyses at the end of a log, transactions by session.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/check/check.ts'
import { serializable, strictSerializable } from '../../src/check/isolation.ts'
import { linearizable } from '../../src/check/linearizable/linearizable.ts'
import { casRegister } from '../../src/check/models/cas-register.ts'
import { register } from '../../src/check/models/register.ts'
import { set } from '../../src/check/models/set.ts'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { Act } from '../../src/history/act.ts'
import type { History } from '../../src/history/history.ts'
import { readHistory, type ReadOptions } from '../../src/read/read-history.ts'
import type { InterpretedOperation } from '../../src/system/operation.ts'
import type { Invariant, Verdict, VerdictKind } from '../../src/verdict/verdict.ts'

const verdict = (text: string, invariant: Invariant, options?: ReadOptions): VerdictKind | undefined =>
  check(readHistory(text, options), [invariant])[0]?.kind

const json = (...objects: readonly object[]): string => objects.map((object) => JSON.stringify(object)).join('\n')

/** Inputs and answers in order, without anything else. */
const values = ({ events }: History): readonly unknown[] =>
  events.flatMap((event) => (event.kind === 'invoke' ? [event.input] : event.kind === 'ok' ? [event.value] : []))

const read = (process: number, value: unknown, time?: number): readonly object[] => [
  { process, type: 'invoke', f: 'read', value: null, ...(time === undefined ? {} : { time }) },
  { process, type: 'ok', f: 'read', value, ...(time === undefined ? {} : { time: time + 5 }) },
]
const write = (process: number, value: unknown, time?: number): readonly object[] => [
  { process, type: 'invoke', f: 'write', value, ...(time === undefined ? {} : { time }) },
  { process, type: 'ok', f: 'write', value, ...(time === undefined ? {} : { time: time + 5 }) },
]

const edn = (...ops: readonly (readonly [process: number, type: string, f: string, value?: string])[]): string =>
  ops
    .map(
      ([process, type, f, value]) =>
        `{:process ${process}, :type :${type}, :f :${f}${value === undefined ? '' : `, :value ${value}`}}`,
    )
    .join('\n')

describe('a read that was answered nil', () => {
  const ops = [
    [0, 'invoke', 'write', '3'],
    [0, 'ok', 'write', '3'],
    [1, 'invoke', 'read', 'nil'],
    [1, 'ok', 'read', 'nil'],
    [1, 'invoke', 'read', 'nil'],
    [1, 'ok', 'read', '3'],
  ] as const

  test('says nothing in EDN, unless it is said to be a value', () => {
    expect(verdict(edn(...ops), linearizable(register()))).toBe('holds')
    expect(verdict(edn(...ops), linearizable(register()), { nilUnknown: false })).toBe('violated')
  })

  test('says nothing with keys of jepsen.independent either', () => {
    const pairs = edn(
      ...ops.map(([process, type, f, value]) => [process, type, f, `[7 ${value}]`] as const),
      [1, 'invoke', 'get', '[7 nil]'],
      [1, 'ok', 'get', 'nil'],
    )
    const { events } = readHistory(pairs, { independent: true })

    expect(events.map((event) => 'isNilUnknown' in event)).toEqual(
      [0, 0, 0, 1, 0, 0, 0, 1].map((unknown) => unknown === 1),
    )
  })

  test('is a value in JSON and in logs, unless it is said to be unknown', () => {
    const lines = json(...write(0, 3), ...read(1, null))
    const log = ops.map(([process, type, f, value]) => `INFO  jepsen.util - ${process}\t:${type}\t:${f}\t${value}`)

    expect(verdict(lines, linearizable(register()))).toBe('violated')
    expect(
      verdict(json(...write(0, 3), ...read(1, null), ...read(0, 3)), linearizable(register()), { nilUnknown: true }),
    ).toBe('holds')
    expect(verdict(log.join('\n'), linearizable(register()))).toBe('violated')
    expect(verdict(log.join('\n'), linearizable(register()), { nilUnknown: true })).toBe('holds')
  })

  test('is a value of a transaction on every format: nothing was there yet', () => {
    const skewed = edn(
      [0, 'invoke', 'txn', '[[:w :x 1] [:r :y nil]]'],
      [1, 'invoke', 'txn', '[[:w :y 1] [:r :x nil]]'],
      [0, 'ok', 'txn', '[[:w :x 1] [:r :y nil]]'],
      [1, 'ok', 'txn', '[[:w :y 1] [:r :x nil]]'],
    )

    expect(verdict(skewed, serializable())).toBe('violated')
  })

  test('is a value of what is not a read: nobody was in the queue', () => {
    const [, ok] = readHistory(edn([0, 'invoke', 'dequeue', 'nil'], [0, 'ok', 'dequeue', 'nil'])).events

    expect(ok).not.toHaveProperty('isNilUnknown')
  })

  test('stays unknown through our own lines', () => {
    const history = readHistory(edn(...ops))

    expect(readHistory(historyBytes(history))).toEqual(history)
  })
})

describe('an act may say that its output is unknown', () => {
  const means = (name: string, read: (input: unknown, output: unknown) => Act): InterpretedOperation<Act> => ({
    kind: 'interpreted-operation',
    name,
    read,
  })
  const writes = means('write', (input) => ({ f: 'write', input }))
  const reads = means('read', (_, output) => ({ f: 'read', output }))
  const asked = (history: History, ...operations: readonly InterpretedOperation<Act>[]): Verdict | undefined =>
    check(history, [linearizable(casRegister(), operations)])[0]

  test('and then any will do; a read without a word is taken for a mistake', () => {
    const history = readHistory(json(...write(0, 3), ...read(1, 'scrambled')))

    const unknown = asked(
      history,
      writes,
      means('read', () => ({ f: 'read', isOutputUnknown: true })),
    )
    const silent = asked(
      history,
      writes,
      means('read', () => ({ f: 'read' })),
    )

    expect(unknown?.kind).toBe('holds')
    expect(silent?.reasons[0]?.text).toContain('isOutputUnknown: true where nobody knows')
  })

  test('also of an operation that changes something: it happened', () => {
    const cas = ['invoke', 'ok'].map((type) => ({ process: 0, type, f: 'cas', value: [1, 2] }))
    const swaps = means('cas', (input) => ({ f: 'cas', input, isOutputUnknown: true }))
    const history = (then: number): History => readHistory(json(...write(0, 1), ...cas, ...read(1, then)))

    expect([1, 2].map((then) => asked(history(then), writes, reads, swaps)?.kind)).toEqual(['violated', 'holds'])
  })
})

describe('lines out of time order', () => {
  test('are sorted by their times: the logs of two processes, one behind the other', () => {
    const apart = json(...read(1, null, 30), ...write(0, 1, 10))

    expect(verdict(apart, linearizable(register()))).toBe('violated')
    expect(readHistory(apart)).toEqual(readHistory(json(...write(0, 1, 10), ...read(1, null, 30))))
  })

  test('keep their order where times are equal, and times beyond 2^53 are compared exactly', () => {
    const [late, early] = ['1700000000000000001', '1700000000000000000']
    const line = (process: number, type: string, f: string, value: unknown, time: string): string =>
      `{"process":${process},"type":"${type}","f":"${f}","value":${JSON.stringify(value)},"time":${time}}`
    const text = [
      line(1, 'invoke', 'read', null, late),
      line(1, 'ok', 'read', null, late),
      line(0, 'invoke', 'write', 1, early),
      line(0, 'ok', 'write', 1, early),
    ].join('\n')

    expect(verdict(text, linearizable(register()))).toBe('violated')
  })

  test('take lines without a time along with the one before them', () => {
    const { notes, events } = readHistory(
      json(...read(1, 4, 30), { process: 'nemesis', type: 'info', f: 'cut', value: null }, ...write(0, 4, 10)),
    )

    expect(notes).toEqual([{ event: 3, text: 'nemesis info cut' }])
    expect(events.map(({ atMs }) => atMs * 1e6)).toEqual([10, 15, 30, 35])
  })

  test('whatever the order of the lines, the history is that of their times', () => {
    const ops = fc
      .array(fc.tuple(fc.nat(3), fc.nat(5)), { maxLength: 8 })
      .map((all) => all.flatMap(([process, value], place) => write(process, value, 10 * place)))
    const shuffled = ops.chain((lines) =>
      fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
    )
    fc.assert(
      fc.property(shuffled, ([inOrder, moved]) => {
        expect(readHistory(json(...moved))).toEqual(readHistory(json(...inOrder)))
      }),
      { numRuns: 300 },
    )
  })

  test('are refused by index, which says that lines were moved', () => {
    const [begin, end] = write(0, 1)

    expect(() => readHistory(json({ ...begin, index: 1 }, { ...end, index: 0 }))).toThrow(
      'Line 2: index 0 stands after index 1 (line 1); sort the lines by index.',
    )
  })
})

describe('integers beyond 2^53', () => {
  test('are kept exactly in JSON: as values, deep inside and negative', () => {
    const text =
      '{"process":0,"type":"invoke","f":"write","value":{"a":[9007199254740993,-9007199254740993],"b":1.5,"c":"9007199254740993"}}'

    expect(values(readHistory(text))).toEqual([
      { a: [9007199254740993n, -9007199254740993n], b: 1.5, c: '9007199254740993' },
    ])
  })

  test.each([
    [
      'json',
      '{"process":0,"type":"invoke","f":"write","value":9007199254740993}\n{"process":0,"type":"ok","f":"write","value":9007199254740993}\n{"process":0,"type":"invoke","f":"read","value":null}\n{"process":0,"type":"ok","f":"read","value":9007199254740992}',
    ],
    [
      'edn',
      edn(
        [0, 'invoke', 'write', '9007199254740993'],
        [0, 'ok', 'write', '9007199254740993'],
        [0, 'invoke', 'read', 'nil'],
        [0, 'ok', 'read', '9007199254740992'],
      ),
    ],
    [
      'log',
      '0 :invoke :write 9007199254740993\n0 :ok :write 9007199254740993\n0 :invoke :read nil\n0 :ok :read 9007199254740992',
    ],
  ])('are told apart from their neighbours in %s', (format, text) => {
    expect(verdict(text, linearizable(register()))).toBe('violated')
    expect(readHistory(text)).toEqual(readHistory(text, { format: format as 'json' }))
    expect(verdict(text.replaceAll(/9007199254740992\b/g, '9007199254740993'), linearizable(register()))).toBe('holds')
  })

  test('are texts as keys, and no process', () => {
    const line = '{"process":0,"type":"invoke","f":"read","value":null,"key":9007199254740993}'

    expect(readHistory(line).events[0]).toMatchObject({ key: '9007199254740993' })
    expect(() => readHistory(line.replace('"process":0', '"process":9007199254740993'))).toThrow(
      'Line 1: "process" is 9007199254740993; write who acts',
    )
  })
})

describe('sets of EDN', () => {
  test('have no order: alike whatever order they are printed in, and unlike a list', () => {
    const written = (shown: string): string =>
      edn(
        [0, 'invoke', 'write', '#{1 #{2 3}}'],
        [0, 'ok', 'write', '#{1 #{2 3}}'],
        [0, 'invoke', 'read', 'nil'],
        [0, 'ok', 'read', shown],
      )

    expect(verdict(written('#{#{3 2} 1}'), linearizable(register()))).toBe('holds')
    expect(verdict(written('[1 #{2 3}]'), linearizable(register()))).toBe('violated')
    expect(verdict(written('#{1 2 3}'), linearizable(register()))).toBe('violated')
  })

  test('are what a set reads', () => {
    const added = (shown: string): string =>
      edn(
        [0, 'invoke', 'add', '2'],
        [0, 'ok', 'add', '2'],
        [0, 'invoke', 'add', '1'],
        [0, 'ok', 'add', '1'],
        [0, 'invoke', 'read'],
        [0, 'ok', 'read', shown],
      )

    expect(['#{1 2}', '[2 1]', '#{1}', '#{1 2 3}'].map((shown) => verdict(added(shown), linearizable(set())))).toEqual([
      'holds',
      'holds',
      'violated',
      'violated',
    ])
  })
})

describe('fields that are left out', () => {
  test('a value at the invocation, where there is nothing to ask', () => {
    expect(values(readHistory(edn([0, 'invoke', 'read'], [0, 'ok', 'read', '{:a 1}'])))).toEqual([null, { a: 1 }])
    expect(values(readHistory('{"process":0,"type":"invoke","f":"acquire"}'))).toEqual([null])
  })

  test('a value that is known only at the end is what was asked', () => {
    expect(values(readHistory(edn([0, 'invoke', 'add'], [0, 'ok', 'add', '7'])))).toEqual([7, 7])
    expect(
      values(
        readHistory(
          json({ process: 0, type: 'invoke', f: 'enqueue' }, { process: 0, type: 'ok', f: 'enqueue', value: 7 }),
        ),
      ),
    ).toEqual([7, 7])
  })

  test('a write of which nobody knows what it wrote is refused, with its line', () => {
    const begin = { process: 0, type: 'invoke', f: 'write' }

    expect(() => readHistory(json(...read(1, null), begin, { ...begin, type: 'info' }))).toThrow(
      'Line 3: no "value"; write what is asked of write.',
    )
    expect(() => readHistory(json(begin, { ...begin, type: 'ok' }))).toThrow('Line 1: no "value"')
  })

  test('the name of a transaction, and of what completes an operation', () => {
    const { events } = readHistory(
      '{:process 0, :type :invoke, :value [[:append :x 1] [:r :y nil]]}\n{:process 0, :type :info, :error :timeout}\n' +
        '{:process 1, :type :invoke, :f :read}\n{:process 1, :type :ok, :value 3}',
    )

    expect(events).toMatchObject([
      {
        operation: 'txn',
        input: [
          ['append', 'x', 1],
          ['r', 'y', null],
        ],
      },
      { kind: 'info', operation: 'txn', why: 'timeout' },
      { operation: 'read' },
      { kind: 'ok', operation: 'read', value: 3 },
    ])
  })

  test.each([
    ['{"process":0,"type":"ok","f":"read","value":1}\n{"process":1,"type":"ok","f":"write","value":1}', 1],
    ['\n{:type :ok, :value [[:append 1 1]]}\n{:type :fail, :value [[:append 1 2]]}', 2],
    ['INFO  jepsen.util - 3\t:ok\t:read\t4', 1],
  ])('all invocations: refused, with what to do', (text, line) => {
    expect(() => readHistory(text)).toThrow(
      new RegExp(
        `^Line ${line}: a completion \\(ok\\), and no line of the file is an invocation; .*record a line of type "invoke"`,
      ),
    )
  })
})

describe('JSON values that span lines', () => {
  const ops = [...write(0, '] , [ "}{" \\'), ...read(1, null)]
  const lines = readHistory(json(...ops))

  test.each([
    ['an array on one line', JSON.stringify(ops)],
    ['an array, an operation a line', `[${ops.map((op) => JSON.stringify(op)).join(',\n ')}]\n`],
    ['an array, a field a line', `\uFEFF${JSON.stringify(ops, null, 2)}`],
    ['one after the other, a field a line', ops.map((op) => JSON.stringify(op, null, 2)).join('\n')],
    ['with the line ends of Windows', JSON.stringify(ops, null, 2).replaceAll('\n', '\r\n')],
  ])('%s', (_, text) => {
    expect(readHistory(text)).toEqual(lines)
  })

  test('each has the line on which it begins', () => {
    const text = JSON.stringify([...ops, { process: 7 }], null, 2)
    const line = text.split('\n').findIndex((one) => one.includes('"process": 7')) // the line after that of its brace

    expect(() => readHistory(text)).toThrow(`Line ${line}: no "type"`)
  })
})

describe('the log of a run with an analysis at its end', () => {
  const logged = (...ops: readonly string[]): string => ops.map((op) => `INFO  jepsen.util - ${op}`).join('\n')
  const run = ['0\t:invoke\t:write\t4', '0\t:ok\t:write\t4', '1\t:invoke\t:read\tnil', '1\t:ok\t:read\t4']
  const analyses = [
    'World with fixed history:\n0\t:invoke\t:write\t4\n1\t:invoke\t:read\t0',
    'INFO  jepsen.core - Analyzing\nINFO  knossos.core - searching\n0 :invoke :write 5',
    '{:valid? false,\n :op {:process 0, :type :ok}}\n1 :ok :read 9',
  ]

  test.each(analyses)('%s', (analysis) => {
    const named = readHistory(`${logged(...run)}\n${analysis}`)
    const bare = readHistory(`${run.join('\n')}\n${analysis}`)
    const { events } = readHistory(run.join('\n'))

    expect(named.events).toEqual(events)
    expect(bare.events).toEqual(events)
    expect(named.notes).toHaveLength(analysis.split('\n').length)
  })

  test('other lines between operations end nothing', () => {
    expect(readHistory([run[0], '# the network is cut', ...run.slice(1)].join('\n')).events).toHaveLength(4)
  })
})

describe('transactions as r(key,value,session,transaction)', () => {
  test('a session is a client, 0 where nobody wrote it is nothing, -1 was rolled back', () => {
    const history = readHistory('w(1,10,0,5)\nr(2,0,0,5)\nr(1,10,3,6)\nw(2,20,3,-1)\nr(2,0,0,7)\n')

    expect(history.timed).toBe(false)
    expect(history.events.map((event) => [event.kind, 'client' in event ? event.client : -1])).toEqual([
      ['invoke', 0],
      ['ok', 0],
      ['invoke', 1],
      ['ok', 1],
      ['invoke', 1],
      ['fail', 1],
      ['invoke', 0],
      ['ok', 0],
    ])
    expect(values(history)).toEqual([
      [
        ['w', 1, 10],
        ['r', 2, null],
      ],
      [
        ['w', 1, 10],
        ['r', 2, null],
      ],
      [['r', 1, null]],
      [['r', 1, 10]],
      [['w', 2, 20]],
      [['r', 2, null]],
      [['r', 2, null]],
    ])
  })

  test('lines of one transaction may stand apart, and several on one line', () => {
    const apart = readHistory('w(x, 1, s, 1)\nw(y, 2, t, 2)\nw(z, 3, s, 1)')

    expect(values(apart)).toContainEqual([
      ['w', 'x', 1],
      ['w', 'z', 3],
    ])
    expect(values(readHistory('w(x,1,s,1) w(z,3,s,1); w(y,2,t,2)'))).toEqual(values(apart))
  })

  test('0 is a value where somebody wrote it, and long integers are exact', () => {
    expect(values(readHistory('w(1,0,0,1)\nr(1,0,0,2)')).at(-1)).toEqual([['r', 1, 0]])
    expect(values(readHistory('w(1,9007199254740993,0,1)')).at(-1)).toEqual([['w', 1, 9007199254740993n]])
  })

  test('what needs real time is not judged, and the rest is', () => {
    const stale = 'w(1,1,0,1)\nr(1,0,1,2)'

    expect(verdict(stale, serializable())).toBe('holds')
    expect(verdict(stale, strictSerializable())).toBe('unknown')
    expect(verdict('w(1,1,0,1)\nr(1,0,0,2)', strictSerializable())).toBe('violated') // by the order of its session
  })

  test.each([
    ['w(1,1,0,1)\nx(1,1,0,1)', 'Line 2: "x(1,1,0,1)" is no operation; write r(key,value,session,transaction)'],
    ['w(1,1,0,1)\nr(1,1,2,1)', 'Line 2: transaction 1 stands in session 2, and on line 1 in session 0'],
  ])('%j', (text, message) => {
    expect(() => readHistory(text)).toThrow(message)
  })
})

test('a text in pieces is read as the whole, wherever it is cut', () => {
  const texts = [
    json(...write(0, 'a'), ...read(1, null)),
    JSON.stringify(read(0, 'ü'), null, 1),
    'w(1,1,0,1)\r\nr(1,1,0,2)',
  ]
  for (const text of texts) {
    for (let at = 0; at <= text.length; at++)
      expect(
        readHistory(
          [text.slice(0, at), text.slice(at)].filter((piece) => piece !== ''),
          { format: text.startsWith('w') ? 'sessions' : 'json' },
        ),
      ).toEqual(readHistory(text))
  }
})
