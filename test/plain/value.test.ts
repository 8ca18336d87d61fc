import { inspect, isDeepStrictEqual } from 'node:util'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amount, full } from '../full.ts'
import { canonical, decodeValue, encodeValue, sameValue } from '../../src/plain/value.ts'
import { anyValue } from '../arbitraries.ts'

const throughText = (value: unknown): unknown => decodeValue(JSON.parse(JSON.stringify(encodeValue(value))))
/** To Node 22 no two invalid dates are equal, so there they are compared as they are shown. */
const alike = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(a, b) || (Number.parseInt(process.versions.node) < 24 && shown(a) === shown(b))
const shown = (value: unknown): string =>
  inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity, showHidden: true })

describe('a value as JSON', () => {
  test('plain JSON is written as it is', () => {
    const json = { a: [1, 'x', null, true, { b: -0.5 }], $: 1 }

    expect(encodeValue(json)).toStrictEqual({ a: [1, 'x', null, true, { b: -0.5 }], $$: 1 })
    expect(encodeValue('$date')).toBe('$date')
  })

  test.each([
    ['undefined', undefined, { $undefined: true }],
    ['bigint', -12n, { $bigint: '-12' }],
    ['NaN', Number.NaN, { $number: 'NaN' }],
    ['-0', -0, { $number: '-0' }],
    ['-Infinity', -Infinity, { $number: '-Infinity' }],
    ['a date', new Date(0), { $date: '1970-01-01T00:00:00.000Z' }],
    ['a far date', new Date(8.64e15), { $date: '+275760-09-13T00:00:00.000Z' }],
    ['an invalid date', new Date(Number.NaN), { $date: null }],
    ['bytes', new Uint8Array([0, 255]), { $bytes: 'AP8=' }],
    ['part of a buffer', new Uint8Array([9, 0, 255, 9]).subarray(1, 3), { $bytes: 'AP8=' }],
    ['a Buffer', Buffer.from([0, 255]), { $buffer: 'AP8=' }],
    ['a Map', new Map<unknown, unknown>([['a', 1n]]), { $map: [['a', { $bigint: '1' }]] }],
    ['a Set', new Set([undefined]), { $set: [{ $undefined: true }] }],
    ['a sparse list', Object.assign([], { 1: 'x', length: 3 }), [{ $hole: true }, 'x', { $hole: true }]],
    ['keys of ours', { $date: 1, $$map: 2, $hole: true }, { $$date: 1, $$$map: 2, $$hole: true }],
    ['a lone surrogate', '\ud800', '\ud800'],
  ])('%s', (_, value, json) => {
    expect(encodeValue(value)).toStrictEqual(json)
    expect(alike(throughText(value), value)).toBe(true)
  })

  test('the class of bytes is kept: a Buffer’s toString is not a Uint8Array’s', () => {
    expect(String(throughText(Buffer.from('abc')))).toBe('abc')
    expect(String(throughText(new Uint8Array([1])))).toBe('1')
    expect(Buffer.isBuffer(throughText(new Uint8Array([1])))).toBe(false)
  })

  test('__proto__ is a name like any other', () => {
    const value: unknown = JSON.parse('{"__proto__":{"admin":true}}')

    expect(JSON.stringify(encodeValue(value))).toBe('{"__proto__":{"admin":true}}')
    expect(alike(throughText(value), value)).toBe(true)
    expect((throughText(value) as { admin?: boolean }).admin).toBeUndefined()
  })

  test('everything an arbitrary makes comes back as it was', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(alike(throughText(value), value)).toBe(true)
      }),
      { numRuns: amount(5_000) },
    )
  })

  test('whatever JSON is read, it is written back alike, or refused', () => {
    const key = fc.constantFrom(
      '$',
      '$$',
      '$$a',
      '$date',
      '$number',
      '$bigint',
      '$map',
      '$set',
      '$bytes',
      '$buffer',
      '$undefined',
      '$hole',
      '$new',
      'a',
    )
    const special = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 0, 'NaN', '12', 'AP8=', ''),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(key, tie('json'), { maxKeys: 2, noNullPrototype: true }),
      ),
    })).json
    let read = 0

    fc.assert(
      fc.property(special, (json) => {
        let value: unknown
        try {
          value = decodeValue(json, 'input')
        } catch (error) {
          expect(String(error)).toMatch(/^Error: input\S* is .*; .*\.$/)
          return
        }
        read += 1
        if (!holdsCollection(json)) expect(encodeValue(value)).toStrictEqual(json)
      }),
      { numRuns: amount(3_000) },
    )

    expect(read).toBeGreaterThan(100)
  })

  /** Maps and Sets drop what is there twice. */
  function holdsCollection(json: unknown): boolean {
    return /"\$(?:map|set)"/.test(JSON.stringify(json))
  }
})

describe('what cannot be written', () => {
  class Money {
    readonly amount = 1
  }
  const cycle: { self?: unknown } = {}
  cycle.self = cycle

  test.each<readonly [string, unknown, string]>([
    ['a function', { run: () => 1 }, 'run is a function'],
    ['a symbol', [Symbol('x')], '[0] is a symbol'],
    ['an instance', { price: new Money() }, 'price is an instance of Money'],
    [
      'an instance that hides its class',
      { price: Object.assign(new Money(), { constructor: 1 }) },
      'price is an instance of a class',
    ],
    ['another typed array', new Float64Array(1), 'it is an instance of Float64Array'],
    ['an Error', new Error('x'), 'it is an instance of Error'],
    ['a cycle', cycle, 'is a cycle or a value deeper than 200 levels'],
  ])('%s', (_, value, message) => {
    expect(() => encodeValue(value)).toThrow(message)
    expect(() => encodeValue(value)).toThrow(/^A value of the scenario cannot be saved: .*Generate plain data/)
  })

  test('the error names the place, below the given one', () => {
    expect(() => encodeValue({ list: [{ run: () => 1 }] }, 'input')).toThrow('input.list[0].run is a function')
  })

  test('an object without prototype is plain, and so is one of another realm', () => {
    expect(throughText(Object.assign(Object.create(null) as object, { a: 1 }))).toStrictEqual({ a: 1 })
    expect(throughText(runInNewContext('({ a: 1 })'))).toStrictEqual({ a: 1 })
  })
})

describe('what cannot be read', () => {
  test.each([
    [{ $new: 1 }, 'an unknown kind of value "$new"; if a newer two-generals wrote it, update'],
    [{ $date: '2026-01-01' }, '{ $date: "2026-01-01" }; write it like'],
    [{ $date: 'soon' }, '{ $date: "soon" }; write it like'],
    [{ $bigint: '1.5' }, '{ $bigint: "1.5" }; write its digits'],
    [{ $bigint: 1 }, '{ $bigint: 1 }; write its digits'],
    [{ $number: 'ten' }, '{ $number: "ten" }; write one of "NaN", "Infinity", "-Infinity", "-0"'],
    [{ $bytes: '***' }, 'bytes that are not base64'],
    [{ $buffer: 7 }, 'bytes that are not base64'],
    [{ $map: { a: 1 } }, '$map without a list of pairs'],
    [{ $map: [['a']] }, '$map without a list of pairs'],
    [{ $set: 'abc' }, '$set without a list'],
    [{ $undefined: null }, '{ $undefined: null }; write true'],
    [{ $hole: true }, '$hole outside a list'],
    [{ $date: null, more: 1 }, '"$date" beside other keys'],
  ])('%j', (json, message) => {
    expect(() => decodeValue(json)).toThrow(`A saved value is ${message}`)
    expect(() => decodeValue({ a: [{ b: json }] }, 'input')).toThrow(`input.a[0].b is ${message}`)
  })
})

/** JSON of records whose keys were put in order first: what the text is by definition. */
const inOrderOfKeys = (json: unknown): string =>
  JSON.stringify(json, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  )

describe('sameValue and canonical', () => {
  test('canonical is the JSON of records in the order of their keys', () => {
    const keys = fc.oneof(
      fc.string(),
      fc.nat({ max: 99 }).map(String),
      fc.constantFrom('01', '-1', '4294967295', '__proto__'),
    )
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie('json')), fc.dictionary(keys, tie('json'))),
    }))

    fc.assert(
      fc.property(json, anyValue, (one, other) => {
        expect(canonical(one)).toBe(inOrderOfKeys(one))
        expect(canonical(encodeValue(other))).toBe(inOrderOfKeys(encodeValue(other)))
      }),
      { numRuns: full ? 2_000 : 50 },
    )
  })

  test('key order aside', () => {
    expect(sameValue({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true)
    expect(sameValue({ a: 1 }, { a: 2 })).toBe(false)
    expect(sameValue([1, 2], [2, 1])).toBe(false)
    expect(sameValue({ a: undefined }, {})).toBe(false)
    expect(sameValue(1, 1n)).toBe(false)
    expect(canonical({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}')
    expect(canonical({ b: 1, 10: 2, 9: 3, '09': 4, ['__proto__']: 5 })).toBe(
      '{"9":3,"10":2,"09":4,"__proto__":5,"b":1}',
    )
  })

  test('0 and -0 differ, outside an object as inside', () => {
    expect(sameValue(0, -0)).toBe(false)
    expect(sameValue([0], [-0])).toBe(false)
    expect(sameValue(Number.NaN, Number.NaN)).toBe(true)
  })

  test('a value is the same as its copy', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(sameValue(value, throughText(value))).toBe(true)
      }),
    )
  })
})
