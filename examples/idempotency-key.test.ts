// An idempotency key: who remembers too late sends twice, who remembers too little answers something else; keeping the
// answer with the transfer survives.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { keepsTheAnswer, knowsTheKey, remembersLater, transferring } from './idempotency-key.ts'
import { violationOf } from './violation.ts'

test('an answer that is remembered a statement too late: a crash in between sends twice', async () => {
  const { invariant, faults, story } = await violationOf('remembers later', transferring(remembersLater))
  expect(invariant).toBe('atMostOnce(transfer)')
  expect(faults.map(({ kind }) => kind)).toEqual(['crash'])
  expect(story).toContain('one too many')
})

test('a key that is known, and whose answer is not: the second one gets another answer', async () => {
  const { invariant, faults, operations } = await violationOf('knows the key', transferring(knowsTheKey))
  expect({ invariant, faults, operations }).toEqual({
    invariant: 'idempotentReplay(transfer)',
    faults: [],
    operations: 2,
  })
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('answer, key and transfer in one transaction', transferring(keepsTheAnswer))
})
