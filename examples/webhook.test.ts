// Webhooks: a perfect network is enough for each broken twin; the careful one survives everything.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { violationOf } from './violation.ts'
import { careful, forgetful, paying, trusting } from './webhook.ts'

test('any signature will do: an attacker credits himself', async () => {
  const { invariant, faults, operations, story } = await violationOf('trusting', paying(trusting))
  expect({ invariant, faults }).toEqual({ invariant: 'authentic(stripe, credit)', faults: [] })
  expect(operations).toBeLessThanOrEqual(2) // a message of the attacker's own, or one of the provider's, changed
  expect(story).toContain('expected no effect of a forged')
  expect(story).toMatch(/attacker +wallet/)
})

test('forgotten after a day: the provider delivers again after 25 hours', async () => {
  const { invariant, faults, operations, story } = await violationOf('forgetful', paying(forgetful))
  expect({ invariant, faults, operations }).toEqual({
    invariant: 'exactlyOnce(stripe, credit)',
    faults: [],
    operations: 2,
  })
  expect(story).toContain('credit happened twice')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('genuine, fresh and once: whoever sends what, whenever it comes', paying(careful))
})
