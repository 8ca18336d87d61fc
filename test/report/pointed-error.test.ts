import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { calledIn, userCall, pointedError, type UserCall } from '../../src/report/pointed-error.ts'

/** Stands for a function of the package that a user calls. */
function declare(): UserCall {
  return userCall(declare)
}

test('an error has the text, a name, and the stack of its user', () => {
  const error = pointedError('Two charges.', declare(), 'Violated')

  expect(error.name).toBe('Violated')
  expect(error.message).toBe('\nTwo charges.')
  expect(error.stack?.split('\n').slice(0, 2)).toEqual(['Violated: ', 'Two charges.'])
  expect(error.stack?.split('\n')[2]).toContain(import.meta.filename)
  expect(error.stack).not.toContain('at declare')
})

test('a call is named by its file and line', () => {
  expect(calledIn(import.meta.filename, declare())).toBe(`${basename(import.meta.filename)}:21`)
})

test('a call in another file has no line', () => {
  expect(calledIn('/elsewhere/checkout.test.ts', declare())).toBe('checkout.test.ts')
})
