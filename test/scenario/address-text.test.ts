import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bootAddress, bootRoot, invocationRoot, tickRoot, type Address } from '../../src/scenario/address.ts'
import {
  addressId,
  parentId,
  parseRoot,
  parseStep,
  readAddress,
  rootText,
  stepText,
  writeAddress,
} from '../../src/scenario/address-text.ts'
import { rootOf, stepOf } from '../address-of.ts'
import { anyAddress, anyRoot, anyStep, plainAddress } from '../arbitraries.ts'

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

describe('the text of a root', () => {
  test('names what started the chain', () => {
    expect(rootText(invocationRoot('pay', 3))).toBe('pay#3')
    expect(rootText(bootRoot('shop'))).toBe('boot(shop)')
    expect(rootText(tickRoot('shop', 0, 3))).toBe('tick(shop#0, 3)')
  })

  test('reads back as the same root', () => {
    fc.assert(
      fc.property(anyRoot, (root) => {
        expect(parseRoot(rootText(root))).toStrictEqual(root)
      }),
    )
  })

  test.each(['', 'pay', 'pay#', '#1', 'pay#01', 'pay#-1', 'boot()', 'tick(shop, 3)', 'tick(shop#0,3)'])(
    'is not %j',
    (text) => {
      expect(parseRoot(text)).toBeUndefined()
    },
  )

  test('of something that is no root is an error that shows how to write one', () => {
    const written = 'pay#0' as unknown as Address['root'] // as code that is not type-checked may give it

    expect(() => rootText(written)).toThrow(`{ kind: 'operation', operation: 'pay', invocation: 0 }`)
  })
})

describe('the text of a step', () => {
  test('has both ends, the operation, the key, the number, and which copy it was', () => {
    const original = { from: 'client', to: 'shop', operation: 'POST /orders', key: 'order#0', nth: 2 }

    expect(stepText(original)).toBe('client -> shop POST /orders order#0 2')
    expect(stepText({ ...original, copy: 1 })).toBe('client -> shop POST /orders order#0 2+1')
  })

  test('reads back as the same step', () => {
    fc.assert(
      fc.property(anyStep, (step) => {
        expect(parseStep(stepText(step))).toStrictEqual(step)
      }),
    )
  })

  test('reads back as a step of the same text, also where the operation looks like a key', () => {
    const step = { from: 'client', to: 'shop', operation: 'add order#0', nth: 1 }

    const read = parseStep(stepText(step))

    expect(read && stepText(read)).toBe(stepText(step))
  })

  test.each(['', 'client', 'client -> shop', 'client -> shop POST /orders', 'client -> shop POST /orders 01'])(
    'is not %j',
    (text) => {
      expect(parseStep(text)).toBeUndefined()
    },
  )
})

describe('addressId', () => {
  test('reads as a causal path', () => {
    expect(addressId(reply)).toBe(
      'pay#0 | client -> shop POST /orders order#0 2 | shop -> bank POST /charges order#0 1 reply',
    )
    expect(addressId(bootAddress('shop'))).toBe('boot(shop) | shop -> shop boot 1 request')
    expect(parentId(rootOf('pay#0'), [])).toBe('pay#0')
  })

  test('is one for equal addresses and differs with every part', () => {
    fc.assert(
      fc.property(plainAddress, plainAddress, (a, b) => {
        const equal = JSON.stringify(writeAddress(a)) === JSON.stringify(writeAddress(b))

        expect(addressId(a) === addressId(b)).toBe(equal)
      }),
      { numRuns: 2_000 },
    )
    const changes: readonly Partial<Address>[] = [
      { root: rootOf('pay#1') },
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
})

describe('a written address', () => {
  test('has its root and its path as text, and its fields in the order of the files', () => {
    expect(JSON.stringify(writeAddress(reply))).toBe(
      '{"root":"pay#0","path":["client -> shop POST /orders order#0 2"],"from":"shop","to":"bank",' +
        '"operation":"POST /charges","key":"order#0","leg":"reply","nth":1}',
    )
  })

  test('reads back as the same address', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(readAddress(writeAddress(address))).toStrictEqual(address)
      }),
    )
  })

  test('does not read back where its root or a step is no such text', () => {
    const written = writeAddress(reply)

    expect(readAddress({ ...written, root: 'pay' })).toBeUndefined()
    expect(readAddress({ ...written, path: ['client'] })).toBeUndefined()
  })
})
