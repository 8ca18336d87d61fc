// Work that a frozen function never does: found without any fault; and that it is done where it is waited for.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { answersFirst, buyingFrom, sendsFirst } from './lambda-receipt.ts'
import { violationOf } from './violation.ts'

test('a receipt that nothing waits for is never sent, though nothing fails', async () => {
  const { invariant, faults, story } = await violationOf('answers first', buyingFrom(answersFirst))
  expect({ invariant, faults }).toEqual({ invariant: 'atLeastOnce(buy, receipt)', faults: [] })
  expect(story).toContain('then frozen, with work undone')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('whoever has bought gets a receipt', buyingFrom(sendsFirst))
})

test.each([1, 2, 3])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(buyingFrom(answersFirst), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(buyingFrom(sendsFirst), { seed })).kind).toBe('holds')
  },
)
