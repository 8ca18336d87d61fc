// The broken twin falls to two requests at one moment; the sound one holds.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { dutyRoster } from './on-call.ts'
import { violationOf } from './violation.ts'

test('repeatable read: both leave, no fault needed', async () => {
  const { invariant, faults, operations, story } = await violationOf('on call', dutyRoster('repeatable read'))
  expect({ invariant, faults, operations }).toEqual({ invariant: 'somebody is on call', faults: [], operations: 2 })
  expect(story).toContain('update doctors')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('serializable: somebody is on call', { numRuns: 30 }, dutyRoster('serializable'))
})
