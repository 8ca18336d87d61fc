// The broken twin falls to one lost answer to COMMIT; the sound one holds.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { rememberRequest, debitEach, withdrawing } from './withdrawal.ts'
import { violationOf } from './violation.ts'

test('debit each: the commit was done, and its answer was lost', async () => {
  const { invariant, faults, operations, story } = await violationOf('debit each', withdrawing(debitEach))
  expect({ invariant, operations }).toEqual({ invariant: 'atMostOnce(debit)', operations: 1 })
  expect(faults).toHaveLength(1)
  expect(story).toContain('commit')
  expect(story).toContain('one too many')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('remember the request: an account is debited once', { numRuns: 30 }, withdrawing(rememberRequest))
})
