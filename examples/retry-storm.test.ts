// A retry storm: the trigger has healed, and nobody gets an answer any more; back-off, jitter and a budget end it.
// @module-tag full
import { expect, test } from 'vitest'
import { assess } from 'two-generals'
import { testResilience } from 'two-generals/vitest'
import { budgeting, insisting, storming } from './retry-storm.ts'
import { violationOf } from './violation.ts'

test('retries in two layers: the bank works for callers that have gone', { timeout: 120_000 }, async () => {
  const { invariant, faults, story } = await violationOf('retries in two layers', storming(insisting))

  expect({ invariant, faults }).toMatchObject({
    invariant: 'contained(bank, recoveryMs)',
    faults: [{ at: { from: 'shop', to: 'bank' } }],
  })
  expect(story).toContain('all had healed at')
  expect(story).toMatch(/begins after 2(\.5)? s +nobody waits for it/)
})

test.each([1, 2, 3, 4, 5])('it is found whatever the seed: %i', { timeout: 120_000 }, async (seed) => {
  expect((await assess(storming(insisting), { seed, shrink: false })).kind).toBe('violated')
})

testResilience(
  'back-off with jitter, and a budget: the queue empties, and all are answered',
  { timeout: 120_000 },
  storming(budgeting),
)
