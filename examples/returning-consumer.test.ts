// A member that was thought dead books once more: found from one fault; and that the offset beside the balance stops
// it.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { booking, looksAsItWrites, looksBefore } from './returning-consumer.ts'
import { violationOf } from './violation.ts'

test('a member that was silent for longer than its session books what another one has booked', async () => {
  const { invariant, operations, story } = await violationOf('looks before', booking(looksBefore))
  expect({ invariant, operations }).toEqual({ invariant: 'exactlyOnce(pay, entry)', operations: 1 })
  expect(story).toContain('entry happened twice for id#0')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('a payment is booked once', { timeout: 300_000 }, booking(looksAsItWrites))
})

test.each([1, 2, 3])('with seed %i the broken one is found', { tags: ['full'] }, async (seed) => {
  expect((await assess(booking(looksBefore), { seed, shrink: false })).kind).toBe('violated')
})
