// Nobody said that an account needs its credit: alone, it always has one.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { atOnce, inTwoSteps, signingUp } from './sign-up.ts'
import { violationOf } from './violation.ts'

test('in two steps: an account without its credit, which no order of sign-ups leaves', async () => {
  const { invariant, faults, operations, story } = await violationOf('in two steps', signingUp(inTwoSteps))
  expect({ invariant, operations, faults: faults.map(({ kind }) => kind) }).toEqual({
    invariant: 'asIfAlone',
    operations: 1,
    faults: ['crash'],
  })
  expect(story).toContain('Missing: db.credits')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('at once: as if each were alone', signingUp(atOnce))
})
