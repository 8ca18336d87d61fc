// Two buyers, one ticket: the broken twin needs no fault, only company; the sound one holds.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { conditionalUpdate, readThenWrite, selling } from './last-ticket.ts'
import { violationOf } from './violation.ts'

test('read, wait, write: two buyers get the one ticket on a perfect network', async () => {
  const { invariant, faults, operations, story } = await violationOf('read, wait, write', selling(readThenWrite))
  expect({ invariant, faults, operations }).toEqual({ invariant: 'noOversell(ticket)', faults: [], operations: 2 })
  expect(story).toContain('with 1 in stock; expected at most 1')
  expect(story).toContain('operations that overlapped')
  expect(story).toContain('no fault at all: it fails on a perfect network')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('conditional update: one ticket is sold once', selling(conditionalUpdate))
})
