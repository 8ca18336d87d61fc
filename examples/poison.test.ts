// A message at the head of a line that nobody can handle: found without any fault; and that dead letters let the rest
// of its group go on.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { forEver, settling, threeTries } from './poison.ts'
import { violationOf } from './violation.ts'

test('what cannot be charged comes again for ever, though nothing fails', async () => {
  const { invariant, faults, story } = await violationOf('for ever', settling(forEver))
  expect({ invariant, faults }).toEqual({ invariant: 'atLeastOnce(enqueue, settled)', faults: [] })
  expect(story).toContain('settled never happened for it')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('every order is settled in the end', settling(threeTries))
})

test.each([1, 2, 3])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(settling(forEver), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(settling(threeTries), { seed })).kind).toBe('holds')
  },
)
