// The zombie holder of an expired lease: found from one pause; and that a fencing token stops it.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { fencing, trusting, working } from './lease.ts'
import { violationOf } from './violation.ts'

test('a lease alone: its holder pauses, and goes on after the next one wrote', async () => {
  const { invariant, faults, story } = await violationOf('a lease alone', working(trusting))
  expect({ invariant, faults }).toMatchObject({
    invariant: 'mutualExclusion(written)',
    faults: [{ kind: 'pause', replaced: 'yes', at: { to: 'db', operation: 'update lease' } }],
  })
  expect(story).toContain('is replaced')
  expect(story).toContain('the old one goes on')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('a lease and a fencing token: no write after that of a later holder', working(fencing))
})
