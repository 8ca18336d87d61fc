import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clientAddress,
  ownWords,
  attemptOf,
  attemptWords,
  bootAddress,
  bootRoot,
  callChain,
  invocationOf,
  invocationRoot,
  isFromOutside,
  operationOf,
  renameKeys,
  sameRoot,
  tickRoot,
  withoutKeys,
  type Address,
} from '../../src/scenario/address.ts'
import { rootText } from '../../src/scenario/address-text.ts'
import { stepOf } from '../address-of.ts'
import { amount } from '../full.ts'
import { anyAddress, anyRoot } from '../arbitraries.ts'

const reply: Address = {
  root: invocationRoot('pay', 0),
  path: [stepOf('client -> shop POST /orders order#0 2')],
  from: 'shop',
  to: 'bank',
  operation: 'POST /charges',
  key: 'order#0',
  leg: 'reply',
  nth: 1,
}

describe('a root', () => {
  test('of an operation knows its invocation and its name', () => {
    const root = invocationRoot('pay', 3)

    expect(invocationOf(root)).toBe(3)
    expect(operationOf(root)).toBe('pay')
  })

  test('of a boot or a tick belongs to no operation', () => {
    for (const root of [bootRoot('shop'), tickRoot('shop', 0, 3)]) {
      expect(invocationOf(root)).toBeUndefined()
      expect(operationOf(root)).toBeUndefined()
    }
  })

  test('is the same as another where their texts are the same', () => {
    fc.assert(
      fc.property(anyRoot, anyRoot, (a, b) => {
        expect(sameRoot(a, { ...a })).toBe(true)
        expect(sameRoot(a, b)).toBe(rootText(a) === rootText(b))
      }),
      { numRuns: amount(2_000) },
    )
  })

  test('differs from another in any of its parts', () => {
    const roots = [
      invocationRoot('pay', 0),
      invocationRoot('pay', 1),
      invocationRoot('refund', 0),
      bootRoot('pay'),
      bootRoot('shop'),
      tickRoot('shop', 0, 3),
      tickRoot('shop', 1, 3),
      tickRoot('shop', 0, 4),
      tickRoot('bank', 0, 3),
    ]

    for (const a of roots) expect(roots.filter((b) => sameRoot(a, b))).toEqual([a])
  })
})

describe('a chain of calls', () => {
  test('ends with the addressed call', () => {
    expect(callChain(reply)).toStrictEqual([
      stepOf('client -> shop POST /orders order#0 2'),
      stepOf('shop -> bank POST /charges order#0 1'),
    ])
  })

  test('belongs to the attempt that its outermost call is', () => {
    const ownCall: Address = { ...reply, path: [], nth: 3 }

    expect(attemptOf(reply)).toBe(2)
    expect(attemptOf(ownCall)).toBe(3)
    expect(attemptWords(ownCall)).toBe('delivery 3') // of shop, as a provider
    expect(attemptWords(reply)).toBe('attempt 2')
  })

  test('comes from outside where no node stands before it', () => {
    expect(isFromOutside(reply)).toBe(false)
    expect(isFromOutside({ ...reply, path: [] })).toBe(true)
    expect(isFromOutside({ ...reply, path: [], root: bootRoot('shop') })).toBe(false)
    expect(isFromOutside(clientAddress('pay', 1))).toBe(true)
  })
})

test('a boot is named after its node, and after its instance where that is not the first', () => {
  expect(ownWords(bootAddress('shop'), 'clock')).toBe("shop's clock")
  expect(ownWords(bootAddress('shop', 2), 'clock')).toBe("shop #2's clock")
  expect(ownWords(clientAddress('pay', 0), 'clock')).toBe('the clock of the client of pay#0')
})

describe('renameKeys', () => {
  test('renames the key and the keys in the path, and nothing else', () => {
    const renamed = renameKeys(reply, (key) => key.replace('#0', '#7'))

    expect(renamed).toStrictEqual({
      ...reply,
      path: [stepOf('client -> shop POST /orders order#7 2')],
      key: 'order#7',
    })
  })

  test('leaves a root alone that is spelt like an alias', () => {
    const named: Address = { ...reply, root: invocationRoot('pay', 1), key: 'pay#1' }

    const renamed = renameKeys(named, () => 'pay#0')

    expect(renamed.root).toStrictEqual(invocationRoot('pay', 1))
    expect(renamed.key).toBe('pay#0')
  })

  test('to the same names changes nothing', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(renameKeys(address, (key) => key)).toStrictEqual(address)
      }),
    )
  })

  test('leaves a step without key alone', () => {
    const keyless: Address = { ...reply, path: [stepOf('client -> shop POST /orders 1')] }

    expect(renameKeys(keyless, () => 'other#0').path).toStrictEqual(keyless.path)
  })
})

test('withoutKeys drops the key and the keys in the path, and nothing else', () => {
  const { key: _, ...keyless } = reply

  expect(withoutKeys(reply)).toStrictEqual({ ...keyless, path: [stepOf('client -> shop POST /orders 2')] })
})
