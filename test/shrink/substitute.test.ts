import { expect, test } from 'vitest'
import { substituted } from '../../src/shrink/substitute.ts'
import { pay } from './payments.ts'

test('equal values of one field are replaced together, those of other fields are not', () => {
  const before = [pay(0, { order: 'aaaaaaaa', note: 'aaaaaaaa', amount: 5 }), pay(1, { order: 'aaaaaaaa', amount: 7 })]

  const after = substituted(before, 0, { order: '0', note: 'aaaaaaaa', amount: 5 })

  expect(after).toEqual([pay(0, { order: '0', note: 'aaaaaaaa', amount: 5 }), pay(1, { order: '0', amount: 7 })])
})

test('an input that changes its shape is replaced alone', () => {
  const before = [pay(0, { items: ['x', 'y'] }), pay(1, { items: ['y'] })]

  expect(substituted(before, 0, { items: ['y'] })).toEqual([pay(0, { items: ['y'] }), pay(1, { items: ['y'] })])
})
