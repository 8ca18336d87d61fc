// Recovery: one lost push, and two replicas differ for ever; what goes on comparing brings them together.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { pushing, reconciling, replicating } from './recovery.ts'
import { violationOf } from './violation.ts'

test('push once and forget: one lost message, and the replicas never agree', async () => {
  const { invariant, faults, operations, story } = await violationOf('push once and forget', replicating(pushing))
  expect({ invariant, operations, faults }).toMatchObject({
    invariant: 'convergence(left, right)',
    operations: 1,
    faults: [{ kind: 'lose', at: { from: 'left', to: 'right', leg: 'request', nth: 1 } }],
  })
  expect(faults).toHaveLength(1)
  expect(story).toContain('left and right differ at the end')
  expect(story).toContain('request lost')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('anti-entropy: once the network has healed, the replicas agree', replicating(reconciling))
})
