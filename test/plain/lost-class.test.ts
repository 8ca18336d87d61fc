// What a copy keeps of each kind of value that a service may store, and what is said where it would be another thing.
import { describe, expect, test } from 'vitest'
import { copyOf } from '../../src/plain/copy.ts'
import { lostClass } from '../../src/plain/lost-class.ts'

class Money {
  readonly cents: number
  constructor(cents: number) {
    this.cents = cents
  }
  isFree(): boolean {
    return this.cents === 0
  }
}
class Rows extends Array<number> {}
class Index extends Map<string, number> {}
class Tags extends Set<string> {}
class Refused extends Error {}
class Moment extends Date {}

const kept: readonly (readonly [string, unknown])[] = [
  ['a text', 'a'],
  ['nothing', undefined],
  ['null', null],
  ['a plain object', { a: { b: [1, 'x', null, undefined, 1n] } }],
  ['an object without prototype', Object.assign(Object.create(null) as object, { a: 1 })],
  ['a Date', new Date(0)],
  ['a RegExp', /a/g],
  ['a Map', new Map([['a', { b: new Date(0) }]])],
  ['a Set', new Set([1, 'a'])],
  ['bytes', Uint8Array.of(1, 2)],
  ['a Buffer', Buffer.from('ab')],
  ['a Buffer in a Map in an object', { all: new Map([['a', [Buffer.from('ab')]]]) }],
  ['an ArrayBuffer', new ArrayBuffer(2)],
  ['floats', Float64Array.of(1.5)],
  ['an error', new TypeError('no')],
  ['a Blob', new Blob(['a'])],
]

describe('a copy keeps', () => {
  test.each(kept)('%s', (_, value) => {
    expect(lostClass(value)).toBeUndefined()
    expect(copyOf({ value })).toEqual({ value })
    const copy = copyOf(value)
    if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value)
    expect((copy as object | undefined)?.constructor ?? Object).toBe(
      (value as object | undefined)?.constructor ?? Object,
    )
  })

  test('what refers to itself', () => {
    const value: { self?: unknown } = {}
    value.self = value
    expect(lostClass(value)).toBeUndefined()
  })
})

const lost: readonly (readonly [string, unknown, path: string, className: string])[] = [
  ['an instance', new Money(1), '', 'Money'],
  ['one in a field', { price: new Money(1) }, '.price', 'Money'],
  ['one in a list in a field', { lines: [{ price: 1 }, { price: new Money(1) }] }, '.lines[1].price', 'Money'],
  ['one in a Map', new Map([['a', { price: new Money(1) }]]), '.get("a").price', 'Money'],
  ['one in a Set', { all: new Set([new Money(1)]) }, '.all, in an item', 'Money'],
  ['a list of a class', new Rows(), '', 'Rows'],
  ['a Map of a class', { index: new Index() }, '.index', 'Index'],
  ['a Set of a class', new Tags(), '', 'Tags'],
  ['an error of a class', new Refused('no'), '', 'Refused'],
  ['a Date of a class', new Moment(0), '', 'Moment'],
  ['an error with a field of its own', Object.assign(new Error('no'), { code: 'E' }), '', 'Error'],
  ['a URL', { link: new URL('http://shop/') }, '.link', 'URL'],
  ['headers', new Headers(), '', 'Headers'],
  ['an instance that holds a function', Object.assign(new Money(1), { now: () => 1 }), '', 'Money'],
  ['an object with methods in its prototype', Object.create({ now: () => 1 }), '', 'Object'],
  [
    'one without a name',
    new (class {
      readonly a = 1
    })(),
    '',
    '',
  ],
]

test.each(lost)('it would lose the class of %s', (_, value, path, className) => {
  expect(lostClass(value)).toEqual({ path, className })
})
