// The broken twin falls to one connection too many; the sound one holds.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { anyState, dataOrConstraint, importing } from './too-many-clients.ts'
import { violationOf } from './violation.ts'

test('any state: a good order is set aside, since there are too many clients', async () => {
  const { invariant, faults, operations, story } = await violationOf('any state', importing(anyState))
  expect({ invariant, operations, faults: faults.map(({ kind }) => kind) }).toEqual({
    invariant: 'atLeastOnce(send, order)',
    operations: 1,
    faults: ['throttle'],
  })
  expect(story).toContain('53300: sorry, too many clients already')
  expect(story).toContain('set aside as a bad order')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('data or constraint: what is called imported is stored', { numRuns: 30 }, importing(dataOrConstraint))
})
