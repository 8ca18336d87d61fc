// The holder of a lock that has expired in Redis: found by default options; and that a fencing token stops it.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { violationOf } from './violation.ts'
import { working } from './redis-lock.ts'

test('a lock alone: it expires while its holder is held up, who writes after the next one', async () => {
  const { invariant, faults, story } = await violationOf('a lock alone', working('trusting'))
  expect({ invariant, faults }).toMatchObject({
    invariant: 'no write comes after that of a later holder',
    faults: [{ kind: 'pause', replaced: 'yes', at: { to: 'redis', operation: 'EVAL' } }],
  })
  expect(story).toContain('the old one goes on')
  expect(story).toContain('as long as lockMs = 3_000')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('a lock and a fencing token: no write after that of a later holder', working('fencing'))
})
