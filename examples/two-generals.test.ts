// The two generals: however often they acknowledge, the loss of the last messenger makes one attack alone; one durable
// decision does not.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { acknowledging, deciding } from './two-generals.ts'
import { violationOf } from './violation.ts'

/** The messenger that nobody acknowledges. */
const last = {
  1: { leg: 'reply', operation: 'POST /order' },
  2: { leg: 'request', operation: 'POST /acknowledgement' },
  3: { leg: 'reply', operation: 'POST /acknowledgement' },
} as const

test.for([1, 2, 3] as const)(
  'attack if acknowledged %i times: the last messenger is lost, and one attacks alone',
  async (n) => {
    const { invariant, faults, operations, story } = await violationOf(`acknowledged ${n} times`, acknowledging(n))
    expect({ invariant, operations, faults }).toMatchObject({
      invariant: 'both attack or neither',
      operations: 1,
      faults: [{ kind: 'lose', at: { from: 'a', to: 'b', ...last[n] } }],
    })
    expect(faults).toHaveLength(1)
    expect(story).toContain(`${last[n].leg} lost`)
    expect(story).toContain('single faults: 1 violated') // no other messenger matters
  },
)

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('one decision that both ask for until they know it: both attack, in the end', deciding)
})
