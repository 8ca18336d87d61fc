// A reply that is lost is no refusal: found from one lost leg; and that a refusal, or an unknown name, is one.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { anyError, nothingSent, reserving } from './unreliable-network.ts'
import { violationOf } from './violation.ts'

test('an error is taken for a no: the customer is turned away, and the item is reserved', async () => {
  const { invariant, story } = await violationOf('an error is taken for a no', reserving(anyError))
  expect(invariant).toBe('noPhantom(buy, reserved)')
  expect(story).toMatch(/status 409/)
})

test('a name that is not found is a no, and so is a refused connection', async () => {
  const tolerates = { 'shop -> stock': ['lookup', 'refuse'] } as const
  for (const isNo of [anyError, nothingSent])
    expect((await assess({ ...reserving(isNo), tolerates, maxOperations: 8 }, { numRuns: 10 })).kind).toBe('holds')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('whoever is told no has nothing reserved', reserving(nothingSent))
})

test.each([1, 2, 3, 4, 5])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(reserving(anyError), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(reserving(nothingSent), { seed })).kind).toBe('holds')
  },
)
