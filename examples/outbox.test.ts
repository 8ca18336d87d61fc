// An order that is stored and never told: found from one crash between the two; and that an outbox tells it.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { shop, storesAndSends, storesBoth } from './outbox.ts'
import { violationOf } from './violation.ts'

test('who dies between the two has stored an order that nobody ships', async () => {
  const { invariant, operations, faults } = await violationOf('stores and sends', shop(storesAndSends))
  expect({ invariant, operations, faults: faults.length }).toEqual({
    invariant: 'atLeastOnce(place, parcel)',
    operations: 1,
    faults: 1,
  })
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('every order is shipped once', shop(storesBoth))
})

test.each([1, 2, 3])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(shop(storesAndSends), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(shop(storesBoth), { seed })).kind).toBe('holds')
  },
)
