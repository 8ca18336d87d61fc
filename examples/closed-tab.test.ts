// A signal that stops an order half-way as its client leaves: found from that alone; and that finishing it holds.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { asTheClientLeaves, buying, never } from './closed-tab.ts'
import { violationOf } from './violation.ts'

test('an order is stopped half-way as its client leaves', async () => {
  const { invariant, story } = await violationOf('stopped half-way', buying(asTheClientLeaves))
  expect(invariant).toBe('saga(charged, reserved)')
  expect(story).toMatch(/the client leaves/)
})

test('a client that only waits too long, or hears nothing, stops nobody', async () => {
  const tolerates = { 'client -> shop': ['lose', 'delay', 'reset'] } as const
  const assessment = await assess({ ...buying(asTheClientLeaves), tolerates })
  expect(assessment.kind).toBe('holds')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('whoever is charged has the goods', buying(never))
})

test.each([1, 2, 3, 4, 5])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(buying(asTheClientLeaves), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(buying(never), { seed })).kind).toBe('holds')
  },
)
