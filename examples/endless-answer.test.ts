// A time limit that counts silence alone: found from one answer that trickles; and that a limit on the whole holds.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { browsing, ofSilence, ofTheWhole } from './endless-answer.ts'
import { violationOf } from './violation.ts'

test('a limit on silence: an answer that trickles takes longer', async () => {
  const { invariant, story } = await violationOf('a limit on silence', browsing(ofSilence))
  expect(invariant).toBe('boundedCall(5000)')
  expect(story).toMatch(/body of the reply trickles/)
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('whoever browses gets an answer within 5 s', browsing(ofTheWhole))
})

test.each([1, 2, 3, 4, 5])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(browsing(ofSilence), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(browsing(ofTheWhole), { seed })).kind).toBe('holds')
  },
)
