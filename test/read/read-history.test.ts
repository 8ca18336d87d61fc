// Readers of recorded histories: each format by hand, all formats of one history alike, and every mistake with its
// line.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { historyBytes } from '../../src/history/history-bytes.ts'
import type { History } from '../../src/history/history.ts'
import { readHistory, type ReadOptions } from '../../src/read/read-history.ts'
import { answers, commit, historyOf, invoke, sends, struck } from '../check/build-history.ts'

const lines = (...objects: readonly object[]): string => objects.map((object) => JSON.stringify(object)).join('\n')
const begin = { process: 0, type: 'invoke', f: 'write', value: 1 }
const end = { process: 0, type: 'ok', f: 'write', value: 1 }

describe('JSON lines', () => {
  test('processes are clients, f is the operation, an error is why', () => {
    const history = readHistory(
      lines(
        { index: 0, process: 4, type: 'invoke', f: 'write', value: 1, key: 'x', time: 1_500_000 },
        { index: 1, process: 2, type: 'invoke', f: 'read', value: null, key: 7, time: 2_000_000 },
        { index: 2, process: 4, type: 'info', f: 'write', value: 1, time: 3_000_000, error: 'timeout' },
        { index: 5, process: 2, type: 'ok', f: 'read', value: 1, time: 4_000_000 },
        { index: 6, process: 4, type: 'invoke', f: 'cas', value: [1, 2], time: 5_000_000 },
        { index: 7, process: 4, type: 'fail', f: 'cas', value: [1, 2], time: 5_000_000, error: ['precondition', 412] },
      ),
    )

    expect(history).toEqual({
      events: [
        {
          kind: 'invoke',
          seq: 0,
          atMs: 1.5,
          node: 'client#4',
          cause: -1,
          invocation: 0,
          operation: 'write',
          client: 4,
          input: 1,
          key: 'x',
        },
        {
          kind: 'invoke',
          seq: 1,
          atMs: 2,
          node: 'client#2',
          cause: -1,
          invocation: 1,
          operation: 'read',
          client: 2,
          input: null,
          key: 7,
        },
        {
          kind: 'info',
          seq: 2,
          atMs: 3,
          node: 'client#4',
          cause: 0,
          invocation: 0,
          operation: 'write',
          client: 4,
          value: 1,
          why: 'timeout',
        },
        {
          kind: 'ok',
          seq: 3,
          atMs: 4,
          node: 'client#2',
          cause: 1,
          invocation: 1,
          operation: 'read',
          client: 2,
          value: 1,
        },
        {
          kind: 'invoke',
          seq: 4,
          atMs: 5,
          node: 'client#4',
          cause: -1,
          invocation: 2,
          operation: 'cas',
          client: 4,
          input: [1, 2],
        },
        {
          kind: 'fail',
          seq: 5,
          atMs: 5,
          node: 'client#4',
          cause: 4,
          invocation: 2,
          operation: 'cas',
          client: 4,
          value: [1, 2],
          why: '["precondition",412]',
        },
      ],
      readings: [],
      notes: [],
    })
  })

  test('without time an index is a millisecond, without an index the place', () => {
    const times = (history: History): readonly number[] => history.events.map(({ atMs }) => atMs)

    expect(times(readHistory(lines({ ...begin, index: 3 }, { ...end, index: 9 })))).toEqual([3, 9])
    expect(times(readHistory(`\uFEFF\r\n${lines(begin, end).replace('\n', '\r\n\r\n')}\r\n`))).toEqual([0, 1])
  })

  test('processes with names are clients after the numbered ones, and keep their names', () => {
    const { events } = readHistory(
      lines(
        { ...begin, process: 'left' },
        { ...begin, process: 6 },
        { ...begin, process: 'right' },
        { ...end, process: 'left' },
      ),
    )

    expect(events.map((event) => ('client' in event ? [event.client, event.node] : []))).toEqual([
      [7, 'left'],
      [6, 'client#6'],
      [8, 'right'],
      [7, 'left'],
    ])
  })

  test('nothing in the file is nothing in the history', () => {
    for (const format of ['json', 'edn', 'log', 'events', undefined] as const) {
      for (const text of ['', '\n \n'])
        expect(readHistory(text, format && { format })).toEqual({ events: [], readings: [], notes: [] })
    }
  })
})

describe('EDN', () => {
  const op = (text: string): string => `#jepsen.history.Op{${text}}`

  test("Jepsen's own: records, the nemesis as notes, transactions", () => {
    const history = readHistory(
      [
        op(':index 0, :time 1000000, :type :info, :process :nemesis, :f :start, :value nil'),
        op(':index 1, :time 2000000, :type :invoke, :process 0, :f :txn, :value [[:r 1 nil] [:append 2 3]]'),
        op(':index 2, :time 3000000, :type :info, :process :nemesis, :f :start, :value {"n1" #{"n2" "n3"}}'),
        op(':index 3, :time 4000000, :type :ok, :process 0, :f :txn, :value [[:r 1 [4 5]] [:append 2 3]]'),
        op(':index 4, :time 5000000, :type :invoke, :process 1, :f :txn, :value [[:append 2 4]]'),
        op(
          ':index 5, :time 6000000, :type :info, :process 1, :f :txn, :value [[:append 2 4]], :error [:conn ' +
            '"reset"], :exception {:via []}',
        ),
      ].join('\n'),
    )

    expect(history.notes).toEqual([
      { event: -1, text: 'nemesis info start' },
      { event: 0, text: 'nemesis info start {"n1":#{"n2","n3"}}' },
    ])
    expect(history.events).toMatchObject([
      {
        kind: 'invoke',
        seq: 0,
        atMs: 2,
        client: 0,
        operation: 'txn',
        input: [
          ['r', 1, null],
          ['append', 2, 3],
        ],
      },
      {
        kind: 'ok',
        seq: 1,
        atMs: 4,
        value: [
          ['r', 1, [4, 5]],
          ['append', 2, 3],
        ],
      },
      { kind: 'invoke', seq: 2, client: 1 },
      { kind: 'info', seq: 3, atMs: 6, why: '["conn","reset"]' },
    ])
  })

  test('all in one vector, plain maps, keys beside values', () => {
    const history = readHistory(
      '[{:process 0, :type :invoke, :f :append, :key "0", :value "x"}\n {:process 0, :type :ok, :f :append, ' +
        ':key "0", :value "x"}]',
    )

    expect(history.events).toMatchObject([
      { kind: 'invoke', key: '0', input: 'x' },
      { kind: 'ok', value: 'x' },
    ])
  })

  test('jepsen.independent: tagged tuples, or pairs where they are said to be', () => {
    const tagged = readHistory(
      '{:process 0 :type :invoke :f :cas :value #jepsen.independent/tuple [5 [1 2]]}\n{:process 0 :type :ok :f ' +
        ':cas :value #jepsen.independent.Tuple{:key 5 :value [1 2]}}',
    )
    const pairs = readHistory(
      '{:process 0 :type :invoke :f :cas :value [5 [1 2]]}\n{:process 0 :type :ok :f :cas :value [5 [1 2]]}',
      { independent: true },
    )

    expect(tagged.events).toMatchObject([{ key: 5, input: [1, 2] }, { value: [1, 2] }])
    expect(pairs).toEqual(tagged)
  })

  test('a mistake in a vector of operations has its own line', () => {
    expect(() =>
      readHistory('[{:process 0 :type :invoke :f :read :value nil}\n\n{:process 0 :type :maybe :f :read}]'),
    ).toThrow('Line 3: the type "maybe" is unknown')
  })
})

describe('logs', () => {
  test('operations, with an error in place of a value or behind it; the nemesis and other lines as notes', () => {
    const history = readHistory(
      [
        'INFO  jepsen.core - Running test',
        'INFO  jepsen.util - 0\t:invoke\t:cas\t[0 3]',
        'INFO  jepsen.util - 1\t:invoke\t:read\tnil',
        '2026-01-01 12:00:00,123 INFO  jepsen.util - :nemesis\t:info\t:start\t"cut off"',
        'INFO  jepsen.util - 0\t:fail\t:cas\t[0 3]',
        'INFO  jepsen.util - 1\t:fail\t:read\t:timed-out',
        'INFO  jepsen.util - 2\t:invoke\t:write\t4',
        'INFO  jepsen.util - 2\t:info\t:write\t4\t[:conn "reset"]',
      ].join('\n'),
    )

    expect(history.notes).toEqual([
      { event: -1, text: 'INFO  jepsen.core - Running test' },
      { event: 1, text: 'nemesis info start cut off' },
    ])
    expect(history.events).toMatchObject([
      { kind: 'invoke', client: 0, operation: 'cas', input: [0, 3] },
      { kind: 'invoke', client: 1, input: null },
      { kind: 'fail', client: 0, value: [0, 3] },
      { kind: 'fail', client: 1, value: null, why: 'timed-out' },
      { kind: 'invoke', client: 2, input: 4 },
      { kind: 'info', client: 2, value: 4, why: '["conn","reset"]' },
    ])
  })
})

describe('our own lines', () => {
  test('what historyBytes writes is read back, values that are no JSON and random numbers too', () => {
    const history: History = {
      ...historyOf(
        invoke(0, 'pay', 0, { at: new Date(5), amount: 7n, none: undefined }),
        answers(60, 0, new Map([[1, 2]])),
      ),
      draws: [{ before: 1, node: 'shop', count: 2, hash: 77 }],
    }

    expect(readHistory(historyBytes(history))).toEqual(history)
  })

  test('addresses are text in the bytes, and are read back', () => {
    const history = historyOf(sends(0, { root: 'pay#0', from: 'shop', to: 'bank' }), commit(5), struck(9))

    const bytes = historyBytes(history)

    expect(bytes).toContain('"root":"pay#0"')
    expect(readHistory(bytes).events).toEqual(history.events)
  })

  test.each([
    [{ kind: 'invoke', seq: 1 }, 'Line 1: "seq" is 1 where 0 comes next; is the file in order, and whole?'],
    [{ kind: 'invok', seq: 0 }, 'Did you mean "invoke"?'],
    [{ seq: 0 }, 'Line 1: no "kind"; is it a line of historyBytes(history)?'],
    [
      { kind: 'invoke', seq: 0 },
      'Line 1: an event with atMs nothing, node nothing and cause nothing; is it a line of historyBytes(history)?',
    ],
    [
      { kind: 'send', seq: 0, atMs: 0, node: 'shop', cause: -1, address: { root: 'start', path: [] } },
      'Line 1: the address {"root":"start","path":[]}; is it a line of historyBytes(history)?',
    ],
    [{ $odd: 1 }, 'Line 1 is an unknown kind of value "$odd"'],
  ])('%j', (object, message) => {
    expect(() => readHistory(lines(object), { format: 'events' })).toThrow(message)
  })
})

describe('mistakes', () => {
  const cases: readonly { readonly text: string; readonly message: string; readonly options?: ReadOptions }[] = (
    [
      ['{"process":0,', 'Line 1: {"process":0, is not JSON ('],
      [
        `${lines(begin)}\n7`,
        'Line 2: 7 is no JSON object; write one object with process, type, f and value a line, or an array of them.',
      ],
      [`[${JSON.stringify(begin)},\n 7]`, 'Line 2: 7 is no JSON object; write one object'],
      [`\n[${JSON.stringify(begin)},`, 'Line 2: an array that is never closed; is the file cut off?'],
      [`[\n${JSON.stringify(begin, null, 2).slice(0, -1)}`, 'Line 2: {'],
      [
        'hello',
        "Line 1: hello is neither JSON, EDN nor a line of Jepsen's log; give the format (json, edn, log, sessions, events).",
      ],
      [lines({ ...begin, process: undefined }), 'Line 1: no "process"; write who acts: a whole number or a name.'],
      [lines({ ...begin, process: 1.5 }), 'Line 1: "process" is 1.5; write who acts: a whole number or a name.'],
      [lines({ ...begin, type: undefined }), 'Line 1: no "type"; write one of invoke, ok, fail, info.'],
      [
        lines({ ...begin, type: 'invoked' }),
        'Line 1: the type "invoked" is unknown (have "invoke", "ok", "fail", "info"). Did you mean "invoke"?',
      ],
      [
        lines({ ...begin, f: undefined }),
        'Line 1: no "f"; write what is done: read, write, cas; only transactions of micro-operations need none.',
      ],
      [lines({ ...begin, value: undefined }), 'Line 1: no "value"; write what is asked of write.'],
      [lines({ ...begin, key: ['a'] }), 'Line 1: "key" is ["a"]; write a text or a number.'],
      [lines({ ...begin, time: 'noon' }), 'Line 1: "time" is "noon"; write nanoseconds as a number.'],
      [
        lines({ ...begin, f: 'read', value: null }, { ...begin, type: 'ok', f: 'read', value: undefined }),
        'Line 2: read of process 0 is answered without a "value"; write what came back, null where nothing did.',
      ],
      [
        '\u001f\uFFFD\u0008',
        'This is no text in UTF-8: it looks compressed, or is in another encoding. Unpack it, or give the file ' +
          'that was recorded.',
      ],
      [
        lines({ ...begin, index: -1 }),
        'Line 1: "index" is -1; write a whole number from 0, or leave it out everywhere.',
      ],
      [
        lines({ ...begin, index: 4 }, { ...end, index: 4 }),
        'Line 2: index 4 stands after index 4 (line 1); sort the lines by index.',
      ],
      [
        lines({ ...begin, time: 1 }, end),
        'Line 2: no "time", unlike line 1; write the time (nanoseconds) on every line, or on none.',
      ],
      [lines(begin, { ...end, time: 1 }), 'Line 2: a "time", unlike line 1;'],
      [
        lines({ ...begin, time: 2e6 }, { ...end, time: 1e6 }),
        'Line 2: write of process 0 ends at 1 ms, before it is invoked at 2 ms (line 1); is the time in ' +
          'nanoseconds, from one clock?',
      ],
      [
        lines(end, { ...begin, process: 1 }),
        'Line 1: write of process 0 ends (ok) and no line before it invokes it; is the file in order, and whole?',
      ],
      [lines(begin, end, end), 'Line 3: write of process 0 ends (ok) and no line before it invokes it;'],
      [
        lines(begin, { ...begin, f: 'read' }),
        'Line 2: process 0 begins read while its write of line 1 is open; a process does one thing at a time: ' +
          'give each concurrent operation a process of its own.',
      ],
      [
        lines(begin, { ...end, f: 'read' }),
        'Line 2: read of process 0 ends, but its open operation is the write of line 1;',
      ],
      [
        lines({ ...begin, key: 'a' }, { ...end, key: 'b' }),
        'Line 2: write of process 0 ends for key b, but line 1 invokes it for a; write one key at both ends.',
      ],
      [
        lines(begin),
        'Line 1: the value 1 is no pair [key, value]; leave out `independent` where values have no keys.',
        { independent: true },
      ],
      [':read', 'Line 1: read is no operation; write maps like {:process 0', { format: 'edn' }],
      [
        'INFO jepsen.util - 0 :invoke :read',
        'Line 1: "INFO jepsen.util - 0 :invoke :read" has 0 values; write one, nil where there is nothing',
      ],
      ['INFO jepsen.util - zero', 'Line 1: "INFO jepsen.util - zero" is no operation'],
      ['\nINFO jepsen.util - 0 :invoke :cas [1', 'Line 2: a "[" that is never closed'],
    ] satisfies readonly (readonly [string, string, ReadOptions?])[]
  ).map(([text, message, options]) => ({ text, message, ...(options && { options }) }))
  test.each(cases)('$text', ({ text, message, options }) => {
    expect(() => readHistory(text, options)).toThrow(message)
  })

  test('a format that there is not', () => {
    expect(() => readHistory('', { format: 'xml' as 'edn' })).toThrow(
      'readHistory: the format "xml" is unknown (have "json", "edn", "log", "sessions", "events").',
    )
  })
})

/** What happened, as each format can write it. */
interface Told {
  readonly process: number
  readonly type: string
  readonly value: number | null
}

const told: fc.Arbitrary<readonly Told[]> = fc
  .array(fc.tuple(fc.nat(3), fc.constantFrom('ok', 'fail', 'info', 'open'), fc.option(fc.integer())), { maxLength: 20 })
  .map((steps) => {
    const open = new Map<number, string>()
    const all: Told[] = []
    for (const [process, how, value] of steps) {
      const before = open.get(process)
      if (before === 'open') continue
      if (before === undefined) all.push({ process, type: 'invoke', value })
      else all.push({ process, type: before, value })
      if (before === undefined) open.set(process, how)
      else open.delete(process)
    }
    return all
  })

test('one history in every format is one history, and nothing is lost', () => {
  fc.assert(
    fc.property(told, (steps) => {
      const json = readHistory(lines(...steps.map((step) => ({ ...step, f: 'note' }))))
      const shown = (value: number | null): string => (value === null ? 'nil' : String(value))
      const edn = steps
        .map(({ process, type, value }) => `{:process ${process}, :type :${type}, :f :note, :value ${shown(value)}}`)
        .join('\n')
      const log = steps
        .map(({ process, type, value }) => `INFO  jepsen.util - ${process}\t:${type}\t:note\t${shown(value)}`)
        .join('\n')
      expect(json.events.length).toBe(steps.length)
      expect(readHistory(edn)).toEqual(json)
      expect(readHistory(log)).toEqual(json)
      expect(readHistory(historyBytes(json))).toEqual(json)
    }),
    { numRuns: 500 },
  )
})
