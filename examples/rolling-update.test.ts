// Two versions that do not agree on a name: found from one deploy, and that the old name has to count for a while.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { expanded, renamed, rollingOutTo } from './rolling-update.ts'
import { violationOf } from './violation.ts'

test('a new name for what is claimed: the two versions charge one order twice', async () => {
  const { invariant, story } = await violationOf('a new name', rollingOutTo(renamed))
  expect(invariant).toBe('atMostOnce(charge)')
  expect(story).toContain('is replaced by the next version')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('each order is charged once while both versions run', rollingOutTo(expanded))
})

test.each([1, 2, 3])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(rollingOutTo(renamed), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(rollingOutTo(expanded), { seed })).kind).toBe('holds')
  },
)
