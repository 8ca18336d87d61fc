// A bill behind the last word of an answer is lost with whoever leaves before that: found from that alone; and that a
// bill where the stream ends holds.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { behindTheLastWord, chatting, howeverItEnds } from './unpaid-words.ts'
import { violationOf } from './violation.ts'

test('who leaves in the middle of an answer has read for nothing', async () => {
  const { invariant, faults, story } = await violationOf('read for nothing', chatting(behindTheLastWord))
  expect(invariant).toBe('saga(asked, billed)')
  expect(faults).toMatchObject([{ kind: 'leave' }])
  expect(story).toMatch(/the client leaves/)
})

test('who waits for all of it, or hears nothing of it, pays', async () => {
  const tolerates = { 'client -> chat': ['lose', 'delay', 'reset', 'trickle'] } as const
  expect((await assess({ ...chatting(behindTheLastWord), tolerates })).kind).toBe('holds')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('what was asked is paid for', chatting(howeverItEnds))
})

test.each([1, 2, 3, 4, 5])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(chatting(behindTheLastWord), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(chatting(howeverItEnds), { seed })).kind).toBe('holds')
  },
)
