// A job whose worker died: it stays "running" for ever, found from one crash; and that another worker takes it over.
import { assess } from 'two-generals'
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { expired, onlyQueued, working } from './job-worker.ts'
import { violationOf } from './violation.ts'

test('only queued jobs are taken: one whose worker died is never finished', async () => {
  const { invariant, faults, story } = await violationOf('only queued jobs are taken', working(onlyQueued))
  expect({ invariant, faults }).toMatchObject({
    invariant: 'takenOver(begun, finished)',
    faults: [{ kind: 'crash', node: 'worker' }],
  })
  expect(story).toContain('never finished')
})

test('the same, if the worker never comes back', async () => {
  const { faults, story } = await violationOf('a worker dies for good', {
    ...working(onlyQueued),
    tolerates: [{ kind: 'crash', forGood: 'yes' }],
  })
  expect(faults).toMatchObject([{ kind: 'crash', node: 'worker', forGood: 'yes' }])
  expect(story).toContain('dies for good')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('a job that has not moved for ten seconds is taken over', working(expired))
})

test.each([1, 2, 3, 4, 5])(
  'with seed %i the broken one is found, and the sound one is not',
  { tags: ['full'] },
  async (seed) => {
    expect((await assess(working(onlyQueued), { seed, shrink: false })).kind).toBe('violated')
    expect((await assess(working(expired), { seed })).kind).toBe('holds')
  },
)
