// Two calls come apart where the Worker dies between them; a batch does not.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { violationOf } from './violation.ts'
import { inOneBatch, oneByOne, ordering } from './worker-orders.ts'

test('one by one: an order without its entry', async () => {
  const { operations, faults, story } = await violationOf('one by one', ordering(oneByOne))
  expect({ operations, faults: faults.length }).toEqual({ operations: 1, faults: 1 })
  expect(story).toContain('insert orders')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('in one batch: each order is announced', ordering(inOneBatch))
})
