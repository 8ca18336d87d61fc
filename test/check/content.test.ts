import { expect, test } from 'vitest'
import { alike, contentOf, identityOf } from '../../src/check/content.ts'

const bare: object = Object.assign(Object.create(null) as object, { id: 1, name: 'a' }) // as arbitraries make records

test('records are equal whatever their prototype and the order of their keys', () => {
  expect(alike(bare, { name: 'a', id: 1 })).toBe(true)
  expect(identityOf([bare])).toBe(identityOf([{ name: 'a', id: 1 }]))
})

test.each([
  [1, '1'],
  [null, 'null'],
  [[1], { 0: 1 }],
  [['a', 'b'], ['a","b']],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Set([1]), [1]],
  ['{}', {}],
])('%o is not %o', (one, other) => {
  expect(alike(one, other)).toBe(false)
  expect(contentOf(one)).not.toBe(contentOf(other))
  expect(identityOf(one)).not.toBe(identityOf(other))
})
