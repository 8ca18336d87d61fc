// EDN: every kind of value that Clojure prints, and what is no EDN, with its line.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amount } from '../full.ts'
import { ednElements, ednForms } from '../../src/read/edn.ts'

const read = (text: string): readonly unknown[] => ednForms(text).map(({ value }) => value)

describe('values', () => {
  test.each<readonly [string, unknown]>([
    ['nil', null],
    ['true', true],
    ['false', false],
    ['0', 0],
    ['-7', -7],
    ['+7', 7],
    ['7N', 7],
    ['12345678901234567890', 12345678901234567890n],
    ['-12345678901234567890N', -12345678901234567890n],
    ['1.5', 1.5],
    ['-1.5e3', -1500],
    ['2.50M', 2.5],
    ['1/4', 0.25],
    ['##Inf', Infinity],
    ['##-Inf', -Infinity],
    ['##NaN', NaN],
    [':ok', 'ok'],
    [':jepsen.history/op', 'jepsen.history/op'],
    ['symbol', 'symbol'],
    ['-', '-'],
    ['clojure.core/inc', 'clojure.core/inc'],
    ['""', ''],
    ['"a b"', 'a b'],
    ['"a\\n\\t\\"\\\\\\u00e9;,"', 'a\n\t"\\é;,'],
    ['"two\nlines"', 'two\nlines'],
    ['\\a', 'a'],
    ['\\newline', '\n'],
    ['\\space', ' '],
    ['\\u0041', 'A'],
    ['\\\\', '\\'],
    ['[]', []],
    ['[1 :a "b" [nil]]', [1, 'a', 'b', [null]]],
    ['(1, 2,,3)', [1, 2, 3]],
    ['{}', {}],
    ['{:a 1, "b" {:c nil}}', { a: 1, b: { c: null } }],
    ['{0 10, 1 20}', { 0: 10, 1: 20 }],
    ['{[1] 2}', new Map([[[1], 2]])],
    [
      '{1 :a "1" :b}',
      new Map<unknown, unknown>([
        [1, 'a'],
        ['1', 'b'],
      ]),
    ],
    ['#{1 2}', new Set([1, 2])],
    ['#{#{} :a}', new Set<unknown>([new Set(), 'a'])],
    [
      '#object[java.lang.Object 0x1f2e "java.lang.Object@1f2e"]',
      ['java.lang.Object', '0x1f2e', 'java.lang.Object@1f2e'],
    ],
    [
      '{:e #object["[B" 0x0a {:status :ready, :val #{0}}] :n 1}',
      { e: ['[B', '0x0a', { status: 'ready', val: new Set([0]) }], n: 1 },
    ],
    ['#inst "2026-01-01"', '2026-01-01'],
    ['#a.b.Op{:f :read}', { f: 'read' }],
    ['[1 #_ 2 3]', [1, 3]],
    ['[1 #_ #_ 2 3]', [1]],
    ['[#_ [1 2]]', []],
    ['[1 ; one\n 2]', [1, 2]],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual([value])
  })

  test('a key called __proto__ is a key like any other', () => {
    expect(read('{"a" 0 "__proto__" 1}')).toEqual([
      new Map<unknown, unknown>([
        ['a', 0],
        ['__proto__', 1],
      ]),
    ])
  })

  test('several, each with its line; comments, commas and discarded values are blank', () => {
    expect(ednForms('; a file\n:a\n\n[1\n2] ,,\n#_ :gone\n{:b\n 3} ; end')).toEqual([
      { line: 2, value: 'a' },
      { line: 4, value: [1, 2] },
      { line: 7, value: { b: 3 } },
    ])
    expect(read(' ; nothing\n , #_ x ')).toEqual([])
  })

  test('elements of a list at the top level have lines of their own, and tags are asked about', () => {
    const tagged = (tag: string, value: unknown): unknown => `${tag}:${String(value)}`

    expect([...ednElements('[1\n#t 2\n[3 #u 4]]\n5', tagged)]).toEqual([
      { line: 1, value: 1 },
      { line: 2, value: 't:2' },
      { line: 3, value: [3, 'u:4'] },
      { line: 4, value: 5 },
    ])
  })
})

describe('what is no EDN is said with its line', () => {
  test.each([
    ['\n[1 2', 'Line 2: a "[" that is never closed, where EDN was expected; is the file cut off?'],
    [']', 'Line 1: a "]" that closes nothing, where EDN was expected; is the file whole?'],
    ['[1}', 'Line 1: a "}" that closes nothing'],
    ['1\n{:a}', 'Line 2: a map with a key and no value'],
    ['"abc', 'Line 1: a text without its closing "'],
    ['"\\q"', 'Line 1: the escape "\\q" in a text'],
    ['\\bogus', 'Line 1: the character "\\bogus"'],
    ['0x1F', 'Line 1: the number "0x1F"'],
    ['1.2.3', 'Line 1: the number "1.2.3"'],
    ['#', 'Line 1: "#"'],
    ['#t', 'Line 1: nothing after #t'],
    ['#_', 'Line 1: nothing after #_'],
    ['#:ns{:a 1}', 'Line 1: "#:ns"'],
    [':', 'Line 1: ":"'],
    ['@x', 'Line 1: "@x"'],
    ['^{:a 1} x', 'Line 1: "^"'],
    ['['.repeat(300), 'Line 1: a value deeper than 200 levels'],
    ['#_ '.repeat(300), 'Line 1: a value deeper than 200 levels'],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})

/** What Clojure's printer writes of plain data. */
function print(value: unknown): string {
  if (value === null) return 'nil'
  if (Array.isArray(value)) return `[${value.map(print).join(' ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)} ${print(item)}`)
      .join(', ')}}`
  return typeof value === 'bigint' ? `${value}N` : JSON.stringify(value)
}

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '}', ';', 'é', '💶', ' ') }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value

test('what is printed is read back, and never anything but a value or a clear error', () => {
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 4 }), (values) => {
      expect(read(values.map(print).join('\n'))).toEqual(JSON.parse(JSON.stringify(values)))
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'[ ] ( ) { } # _ \\ " ; \n : a 1 / . N -'.split(' '), ' '), maxLength: 20 }),
      (text) => {
        try {
          read(text)
        } catch (error) {
          expect(String(error)).toMatch(/^Error: Line \d+: .+; .+[.?]$/s)
        }
      },
    ),
    { numRuns: amount(3_000) },
  )
})
