import { expect, test } from 'vitest'
import { keepsApart } from '../../src/shrink/keeps-apart.ts'
import { a, b, c, pay, workload } from './payments.ts'

test('values that were different may not become equal', () => {
  const different = workload(pay(0, a), pay(1, b))

  expect(keepsApart(different, workload(pay(0, a), pay(1, a)))).toBe(false)
  expect(keepsApart(different, workload(pay(0, a), pay(1, c)))).toBe(true)
})

test('numbers are values too', () => {
  const different = workload(pay(0, { order: 1 }), pay(1, { order: 2 }))

  expect(keepsApart(different, workload(pay(0, { order: 1 }), pay(1, { order: 1 })))).toBe(false)
})

test('values of different fields may become equal', () => {
  const different = workload(pay(0, { from: 'aaaaaaaa', to: 'bbbbbbbb' }))
  const equal = workload(pay(0, { from: 'aaaaaaaa', to: 'aaaaaaaa' }))

  expect(keepsApart(different, equal)).toBe(true)
})

test('values that were equal may stay so', () => {
  expect(keepsApart(workload(pay(0, a), pay(1, a)), workload(pay(0, b), pay(1, b)))).toBe(true)
})
