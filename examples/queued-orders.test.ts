// Charges that are remembered by a process alone: found from one message that comes twice; and that the ledger holds.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { charging, looksUp, remembers } from './queued-orders.ts'
import { violationOf } from './violation.ts'

test('a container that dies, or another one, does not know what was charged', async () => {
  const { invariant, faults, operations, story } = await violationOf('remembers', charging(remembers))
  expect({ invariant, operations, faults: faults.length }).toEqual({
    invariant: 'exactlyOnce(enqueue, charge)',
    operations: 1,
    faults: 1,
  })
  expect(story).toContain('charge happened twice for id#0')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('an order is charged once', charging(looksUp))
})

test.each([1, 2, 3])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(charging(remembers), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(charging(looksUp), { seed })).kind).toBe('holds')
  },
)
