import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressId,
  bootAddress,
  bootRoot,
  invocationRoot,
  likeness,
  parentId,
  renameAddress,
  step,
  tickRoot,
  type Address,
} from '../../src/scenario/address.ts'
import { amount } from '../full.ts'
import { anyAddress } from '../arbitraries.ts'

const reply: Address = {
  root: 'pay#0',
  path: ['client -> shop POST /orders order#0 2'],
  from: 'shop',
  to: 'bank',
  operation: 'POST /charges',
  key: 'order#0',
  leg: 'reply',
  nth: 1,
}

/** Names as systems have them: one word, and operations without values. */
const name = fc.stringMatching(/^[a-z.]{1,8}$/)
const plainAddress: fc.Arbitrary<Address> = fc.record(
  {
    root: fc.constantFrom('pay#0', 'pay#1', 'boot(shop)'),
    path: fc.array(
      fc.record({ from: name, to: name, operation: name, nth: fc.integer({ min: 1, max: 3 }) }).map(step),
      { maxLength: 2 },
    ),
    from: name,
    to: name,
    operation: fc.constantFrom('GET /a', 'POST /a', 'insert a'),
    key: fc.constantFrom('order#0', 'order#1'),
    leg: fc.constantFrom('request', 'reply'),
    nth: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['root', 'path', 'from', 'to', 'operation', 'leg', 'nth'], noNullPrototype: true },
)

describe('addressId', () => {
  test('reads as a causal path', () => {
    expect(addressId(reply)).toBe(
      'pay#0 | client -> shop POST /orders order#0 2 | shop -> bank POST /charges order#0 1 reply',
    )
    expect(parentId('pay#0', [])).toBe('pay#0')
  })

  test('is one for equal addresses and differs with every part', () => {
    fc.assert(
      fc.property(plainAddress, plainAddress, (a, b) => {
        const same = JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b))
        expect(addressId(a) === addressId(b)).toBe(same)
      }),
      { numRuns: amount(2_000) },
    )
    const changes: readonly Partial<Address>[] = [
      { root: 'pay#1' },
      { path: [] },
      { from: 'store' },
      { to: 'store' },
      { operation: 'GET /charges' },
      { key: 'order#1' },
      { leg: 'request' },
      { nth: 2 },
    ]
    const { key: _, ...keyless } = reply
    const ids = [reply, keyless, ...changes.map((change) => ({ ...reply, ...change }))].map(addressId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  function inOrder({ root, path, from, to, operation, key, leg, nth }: Address): unknown {
    return [root, path, from, to, operation, key, leg, nth]
  }
})

test('roots name what started a chain', () => {
  expect(invocationRoot('pay', 3)).toBe('pay#3')
  expect(bootRoot('shop')).toBe('boot(shop)')
  expect(tickRoot('shop', 0, 3)).toBe('tick(shop#0, 3)')
  expect(addressId(bootAddress('shop'))).toBe('boot(shop) | shop -> shop boot 1 request')
})

describe('renameAddress', () => {
  test('renames root, key and the keys in the path, and nothing else', () => {
    const renamed = renameAddress(reply, (it) => it.replace('#0', '#7'))
    expect(renamed).toStrictEqual({
      ...reply,
      root: 'pay#7',
      path: ['client -> shop POST /orders order#7 2'],
      key: 'order#7',
    })
  })

  test('tells a root from an alias of the same name', () => {
    const bare: Address = { ...reply, root: 'pay#1', path: ['client -> shop POST /orders pay#1 1'], key: 'pay#1' }
    expect(renameAddress(bare, (it, what) => (what === 'alias' ? 'pay#0' : it))).toStrictEqual({
      ...bare,
      path: ['client -> shop POST /orders pay#0 1'],
      key: 'pay#0',
    })
  })

  test('to the same names changes nothing', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(renameAddress(address, (it) => it)).toStrictEqual(address)
      }),
    )
  })

  test('leaves a step without key alone', () => {
    const keyless: Address = { ...reply, path: ['client -> shop POST /orders 1'] }
    expect(renameAddress(keyless, () => 'x').path).toStrictEqual(['client -> shop POST /orders 1'])
  })
})

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

  test('another edge or leg is another call', () => {
    for (const change of [{ from: 'x' }, { to: 'x' }, { leg: 'request' }] as const)
      expect(likeness(reply, { ...reply, ...change })).toBe(0)
  })

  test('the operation tells more than the root, the root more than key or attempt, these more than the path', () => {
    const changes: readonly Partial<Address>[] = [
      { operation: 'x' },
      { root: 'x' },
      { key: 'x' },
      { nth: 9 },
      { path: [] },
    ]
    const [operation, root, key, nth, path] = changes.map((change) => likeness(reply, { ...reply, ...change }))
    expect(operation).toBeLessThan(root ?? 0)
    expect(root).toBeLessThan(key ?? 0)
    expect(key).toBe(nth)
    expect(nth).toBeLessThan(path ?? 0)
  })
})
