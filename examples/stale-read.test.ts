// A replica that is read as it is shows the past to who has just changed it; one that is told what its reader has seen
// does not.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { asItIs, asNewAsSeen, naming } from './stale-read.ts'
import { violationOf } from './violation.ts'

test('a stale read: the own write is not there yet, and no fault is needed', async () => {
  const { invariant, faults, operations, story } = await violationOf('a stale read', naming(asItIs))
  expect({ invariant, operations, faults }).toEqual({
    invariant: 'readYourWrites(rename, look)',
    operations: 2,
    faults: [],
  })
  expect(story).toContain('reads its own last write, or a newer one')
  expect(story).toContain('look ok at 0.080:')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('a replica that knows what was seen: what was written is read', naming(asNewAsSeen))
})
