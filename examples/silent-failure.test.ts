// A failure that nobody hears of: found from one failed call; and that a line in the log suffices.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { outspoken, paying, silent } from './silent-failure.ts'
import { violationOf } from './violation.ts'

test('a swallowed failure: the customer hears of it, and nobody else', async () => {
  const { invariant, story } = await violationOf('a swallowed failure', paying(silent))
  expect(invariant).toBe('noticed(logs)')
  expect(story).toMatch(/expected that logs names\s+bank within 5.000 s/)
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('every failure of the bank that changes an answer is in the log', paying(outspoken))
})

test.each([1, 2, 3, 4, 5])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(paying(silent), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(paying(outspoken), { seed })).kind).toBe('holds')
  },
)
