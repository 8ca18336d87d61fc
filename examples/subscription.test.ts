// Events out of order: a perfect network is enough for each broken twin; versions put them right.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { createdFirst, lastArrival, newestVersion, subscribing } from './subscription.ts'
import { violationOf } from './violation.ts'

test('the last arrival wins: an older event undoes a newer one', async () => {
  const { invariant, faults, operations, story } = await violationOf('the last arrival wins', subscribing(lastArrival))
  expect({ invariant, faults, operations }).toEqual({ invariant: 'monotonic(subscription)', faults: [], operations: 2 })
  expect(story).toContain('at version 1 for "ada"')
  expect(story).toContain('no fault at all: it fails on a perfect network')
})

test('created first: a change that comes before the creation is forgotten', async () => {
  const { invariant, faults, operations, story } = await violationOf('created first', subscribing(createdFirst))
  expect({ invariant, faults, operations }).toEqual({
    invariant: 'ackDurable(deliver, subscription row)',
    faults: [],
    operations: 1,
  })
  expect(story).toContain('but no subscription row')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('the newest version wins: whatever comes when, nothing goes back', subscribing(newestVersion))
})
