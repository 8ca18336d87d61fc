import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasesOf, aliasIn, pathTemplate, withAliases } from '../../src/scenario/alias.ts'
import type { Workload } from '../../src/scenario/scenario.ts'
import { anyCharacter, anyValue } from '../arbitraries.ts'

const first = '3f0c9a52-0000-4000-8000-000000000001'
const second = '3f0c9a52-0000-4000-8000-000000000002'

function workload(...inputs: readonly unknown[]): Workload {
  return { invocations: inputs.map((input, id) => ({ id, operation: 'pay', client: 0, afterMs: 0, input })) }
}

const names = (...inputs: readonly unknown[]): readonly string[] =>
  aliasesOf(workload(...inputs)).map(({ name }) => name)

describe('aliasesOf', () => {
  test('numbers each field’s distinct values by first appearance', () => {
    const aliases = aliasesOf(
      workload({ order: second, amount: 5 }, { order: first, amount: 5 }, { order: second, amount: 7 }),
    )
    expect(
      aliases.map(({ name, value, invocation, distinctive }) => [name, value, invocation, distinctive]),
    ).toStrictEqual([
      ['order#0', second, 0, true],
      ['amount#0', '5', 0, false],
      ['order#1', first, 1, true],
      ['amount#1', '7', 2, false],
    ])
  })

  test('looks into objects, lists, Maps and Sets, under the nearest field', () => {
    expect(
      names({
        cart: [{ sku: 'a' }, { sku: 'b' }],
        tags: new Set(['c', 'd']),
        by: new Map<unknown, unknown>([
          ['sku', 'e'],
          [1, 'f'],
        ]),
      }),
    ).toStrictEqual(['sku#0', 'sku#1', 'tags#0', 'tags#1', 'sku#2', 'by#0'])
  })

  test('a bare input goes by the operation, bigints count, and what names nothing is passed over', () => {
    expect(names('abcdef', 10n)).toStrictEqual(['pay#0', 'pay#1'])
    expect(
      names({
        a: '',
        b: 0.5,
        c: true,
        d: null,
        e: undefined,
        f: new Date(0),
        g: Number.NaN,
        h: new Uint8Array([1, 2]),
        i: Buffer.from('x'),
      }),
    ).toStrictEqual([])
  })

  test('a name is one word', () => {
    expect(names({ 'order number': 'x', '': 'y' })).toStrictEqual(['order_number#0', '_#0'])
    fc.assert(
      fc.property(anyValue, (input) => {
        for (const { name } of aliasesOf(workload(input))) expect(name).toMatch(/^\S+#\d+$/)
      }),
    )
  })

  test('names are unique, and dropping the last invocation renames nothing', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 4 }), (inputs) => {
        const all = names(...inputs)
        expect(new Set(all).size).toBe(all.length)
        const fewer = names(...inputs.slice(0, -1))
        expect(all.slice(0, fewer.length)).toStrictEqual(fewer)
      }),
    )
  })
})

describe('aliasIn', () => {
  const aliases = aliasesOf(workload({ order: first, amount: 123_456 }, { order: second, coupon: 'summer' }))

  test('a value of the causing invocation comes first, else the first that is found', () => {
    const body = JSON.stringify({ orders: [first, second] })
    expect(aliasIn(aliases, [body], 0)).toBe('order#0')
    expect(aliasIn(aliases, [body], 1)).toBe('order#1')
    expect(aliasIn(aliases, [body], -1)).toBe('order#0')
    expect(aliasIn(aliases, ['nothing', `x=summer&y=${first}`], 7)).toBe('order#0')
    expect(aliasIn(aliases, ['nothing here'], 0)).toBeUndefined()
  })

  test('numbers and short texts are no keys', () => {
    expect(aliasIn(aliases, ['123456'], 0)).toBeUndefined()
    expect(aliasIn(aliasesOf(workload({ size: 'XL' })), ['XL'], 0)).toBeUndefined()
  })

  test('order-1 does not stand in order-10', () => {
    const numbered = aliasesOf(workload({ order: 'order-1' }, { order: 'order-10' }))
    expect(aliasIn(numbered, ['{"order":"order-10"}'], -1)).toBe('order#1')
    expect(aliasIn(numbered, ['order-10, order-1'], -1)).toBe('order#0')
  })
})

describe('pathTemplate', () => {
  const aliases = aliasesOf(
    workload({ order: first, amount: 12, slug: 'blue socks/ä', size: 'XL', email: 'a@b.example' }),
  )

  test.each([
    ['/orders', '/orders'],
    ['/', '/'],
    ['/v1/payment_intents', '/v1/payment_intents'],
    ['/oauth2/token', '/oauth2/token'],
    [`/orders/${first}`, '/orders/:order'],
    [`/orders/${first}/lines/`, '/orders/:order/lines/'],
    [`/orders/${second}`, '/orders/:id'],
    ['/orders/17', '/orders/:id'],
    ['/orders/-17', '/orders/:id'],
    ['/sizes/XL', '/sizes/:size'],
    ['/intents/pi_3MtwBwLkdIwHu7ix28a3tqPa/confirm', '/intents/:id/confirm'],
    ['/intents/pi_1', '/intents/:id'],
    ['/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/orders/:id'],
    ['/orders/507f1f77bcf86cd799439011', '/orders/:id'],
    [`/items/${encodeURIComponent('blue socks/ä')}`, '/items/:slug'],
    ['/items/blue%20socks', '/items/:id'],
    ['/users/a@b.example', '/users/:email'],
    ['/users/a%40b.example', '/users/:email'],
    ['/odd/%', '/odd/:id'],
    ['/a//b', '/a//b'],
  ])('%s -> %s', (path, template) => {
    expect(pathTemplate(path, aliases)).toBe(template)
  })

  test('a number is :id whether or not a number of the workload equals it, so that shrinking one keeps the address', () => {
    for (const amount of [1, 2, 17, 100n]) {
      expect(pathTemplate('/orders/17', aliasesOf(workload({ amount })))).toBe('/orders/:id')
      expect(pathTemplate('/orders/17', aliasesOf(workload({ amount: String(amount) })))).toBe('/orders/:id')
    }
  })

  test('a long text of digits is still a value', () => {
    expect(pathTemplate('/cards/4242424242424242', aliasesOf(workload({ card: '4242424242424242' })))).toBe(
      '/cards/:card',
    )
  })

  test('plain words stay, whatever the workload is', () => {
    const word = fc.stringMatching(/^[a-z]{1,15}$/)
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.uuid(), (words, order) => {
        const path = `/${words.join('/')}`
        expect(pathTemplate(path, aliasesOf(workload({ order })))).toBe(path)
      }),
    )
  })

  test('no path and no workload makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), anyValue, (path, input) => {
        expect(pathTemplate(`/${path}`, aliasesOf(workload(input)))).toMatch(/^\//)
      }),
    )
    expect(pathTemplate('/%EF%BF%BD', aliasesOf(workload({ odd: '\ud800' })))).toBe('/:odd')
  })
})

describe('withAliases', () => {
  test('names values for people, the longest first', () => {
    expect(withAliases(`${first} and ${second}`, aliasesOf(workload({ order: first }, { order: second })))).toBe(
      'order#0 and order#1',
    )
    expect(withAliases('abcdefgh, abcdef', aliasesOf(workload({ a: 'abcdef' }, { a: 'abcdefgh' })))).toBe('a#1, a#0')
    expect(withAliases('order-10, order-1', aliasesOf(workload({ o: 'order-1' }, { o: 'order-10' })))).toBe('o#1, o#0')
  })

  test('an alias is not renamed by a value that looks like it, and a $ in a field is a letter', () => {
    expect(withAliases('abcdef', aliasesOf(workload({ secret: 'abcdef', other: 'secret#0' })))).toBe('secret#0')
    expect(withAliases('abcdef', aliasesOf(workload({ $$: 'abcdef' })))).toBe('$$#0')
    expect(withAliases('a.c*(f)[x]', aliasesOf(workload({ odd: 'a.c*(f)' })))).toBe('odd#0[x]')
  })

  test('without distinctive values a text stays', () => {
    expect(withAliases('12 XL', aliasesOf(workload({ amount: 12, size: 'XL' })))).toBe('12 XL')
  })

  test('the first field of a value names it', () => {
    expect(withAliases('abcdef', aliasesOf(workload({ a: 'abcdef', b: 'abcdef' })))).toBe('a#0')
  })
})
