// An address that was looked up once: found from one deploy of the bank; and that a name suffices.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { byName, payingAt, resolvedAgain, resolvedOnce } from './moved-address.ts'
import { violationOf } from './violation.ts'

test('an address that is looked up once: after a deploy of the bank nobody can pay any more', async () => {
  const { invariant, faults } = await violationOf('looked up once', payingAt(resolvedOnce))
  expect({ invariant, faults }).toMatchObject({
    invariant: 'contained(bank, recoveryMs)',
    faults: [{ kind: 'deploy', node: 'bank' }],
  })
})

test('an address that is looked up again as it is refused: somebody else has it by then', async () => {
  const { faults } = await violationOf('looked up again', payingAt(resolvedAgain))
  expect(faults).toMatchObject([{ kind: 'deploy', node: 'bank', oldAddress: expect.any(String) as string }])
  const tolerates = { except: [{ kind: 'deploy', oldAddress: ['not found', 'a page'] }] } as const
  expect((await assess({ ...payingAt(resolvedAgain), tolerates }, { numRuns: 10 })).kind).toBe('holds')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('who calls the bank by its name pays again after each deploy', payingAt(byName))
})

test.each([1, 2, 3])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    for (const shop of [resolvedOnce, resolvedAgain])
      expect((await assess(payingAt(shop), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(payingAt(byName), { seed })).kind).toBe('holds')
  },
)
