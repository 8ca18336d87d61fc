// Recovery by hand: what is missing without it, and a procedure that breaks only where it is interrupted, or run twice.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { forgetful, hasty, recovering, sound } from './refunds.ts'
import { violationOf } from './violation.ts'

test('without an operator an order stays open for ever', async () => {
  const { invariant, faults } = await violationOf('nobody helps', recovering())
  expect([invariant, faults.length]).toEqual(['no order stays open', 1])
})

test('refund, then cancel: the procedure dies in between, and the one who runs it again refunds again', async () => {
  const { invariant, faults, story } = await violationOf('hasty', recovering(hasty))
  expect(invariant).toBe('atMostOnce(refund)')
  expect(faults).toHaveLength(2)
  expect(faults.filter(({ at }) => at.root.kind === 'boot')).toMatchObject([
    { kind: 'crash', node: 'operator', at: { root: { node: 'operator' }, operation: 'POST /v1/refunds' } },
  ])
  for (const row of ['o runs recover', 'X crashes', 'runs recover again, from its']) expect(story).toContain(row)
})

test('refund whatever is cancelled: run twice is enough', async () => {
  const { invariant, faults, story } = await violationOf('forgetful', recovering(forgetful))
  expect([invariant, faults.length]).toEqual(['atMostOnce(refund)', 1])
  expect(story).toContain('runs recover once more')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('a keyed refund may be interrupted, and is made once', recovering(sound))
})
