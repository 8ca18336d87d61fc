import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyCharacter } from '../arbitraries.ts'
import { slug } from '../../src/saved/slug.ts'

test.each([
  ['an order is charged / once 💸', 'an-order-is-charged-once'],
  ['../../etc/passwd', 'etc-passwd'],
  ['C:\\x | "y" <z>?*\0\n', 'c-x-y-z'],
  ['Bestellung für Zoë', 'bestellung-für-zoë'],
  ['注文は一度だけ請求される', '注文は一度だけ請求される'],
  ['💸', 'test'],
  ['', 'test'],
  ['\ud800x', 'x'],
])('the slug of %j is readable and safe in any file system', (name, expected) => {
  expect(slug(name)).toBe(expected)
})

test('a slug is bounded in bytes and whole in characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), (name) => {
      expect(Buffer.byteLength(slug(name))).toBeLessThanOrEqual(80)
      expect(slug(name)).toMatch(/^[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*$/u)
      expect(slug(name).isWellFormed()).toBe(true)
    }),
  )

  expect(Buffer.byteLength(slug('語'.repeat(500)))).toBe(78) // 26 characters of 3 bytes; one more would be 81
})

test('a slug is the same for both ways to write an accent', () => {
  expect(slug('caf\u0065\u0301')).toBe(slug('caf\u00e9'))
})
