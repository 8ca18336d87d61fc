import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../src/scenario/address.ts'
import { addressId } from '../../src/scenario/address-text.ts'
import { likeness } from '../../src/scenario/nearest-sites.ts'
import { rootOf, stepOf } from '../address-of.ts'
import { plainAddress } from '../arbitraries.ts'

const reply: Address = {
  root: rootOf('pay#0'),
  path: [stepOf('client -> shop POST /orders order#0 2')],
  from: 'shop',
  to: 'bank',
  operation: 'POST /charges',
  key: 'order#0',
  leg: 'reply',
  nth: 1,
}

describe('likeness', () => {
  test('is highest for the same address, and only there', () => {
    fc.assert(
      fc.property(plainAddress, plainAddress, (a, b) => {
        const best = likeness(a, a)

        expect(likeness(b, b)).toBe(best)
        if (addressId(a) === addressId(b)) expect(likeness(a, b)).toBe(best)
        else expect(likeness(a, b)).toBeLessThan(best)
      }),
    )
  })

  test('is the same both ways', () => {
    fc.assert(
      fc.property(plainAddress, plainAddress, (a, b) => {
        expect(likeness(a, b)).toBe(likeness(b, a))
      }),
    )
  })

  test('is 0 on another edge and on another leg', () => {
    for (const change of [{ from: 'desk' }, { to: 'mail' }, { leg: 'request' }] as const)
      expect(likeness(reply, { ...reply, ...change })).toBe(0)
  })

  test('counts the operation more than the root, the root more than key or attempt, these more than the path', () => {
    const changes: readonly Partial<Address>[] = [
      { operation: 'GET /charges' },
      { root: rootOf('pay#1') },
      { key: 'order#1' },
      { nth: 9 },
      { path: [] },
    ]

    const [operation = 0, root = 0, key = 0, nth = 0, path = 0] = changes.map((change) =>
      likeness(reply, { ...reply, ...change }),
    )

    expect(operation).toBeLessThan(root)
    expect(root).toBeLessThan(key)
    expect(key).toBe(nth)
    expect(nth).toBeLessThan(path)
  })
})
