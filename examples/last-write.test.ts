// Last write wins under skew: one clock that is fast drops the newer change; a version that the storage counts does
// not.
import { expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { lastWriteWins, moving, versioned } from './last-write.ts'
import { violationOf } from './violation.ts'

test('last write wins: a fast clock, and the newer change is dropped', async () => {
  const { invariant, faults, operations, story } = await violationOf('last write wins', moving(lastWriteWins))
  expect({ invariant, operations, faults }).toMatchObject({
    invariant: 'the newest change is kept',
    operations: 1,
    faults: [{ kind: 'skew' }],
  })
  expect(story).toContain("'s clock is")
})

testResilience('a version: the change that came last is there', moving(versioned))
