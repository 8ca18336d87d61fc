// A cascade: a slow bank takes places from those who do not need it, with a time limit too; a bulkhead stops it.
import { describe, expect, test } from 'vitest'
import { assess } from 'two-generals'
import { testResilience } from 'two-generals/vitest'
import { limited, partitioned, selling, waiting } from './cascade.ts'
import { violationOf } from './violation.ts'

test.each([
  ['waiting for the bank', waiting],
  ['waiting for the bank, with a time limit', limited],
])('%s: four payments take all places, and nobody sees the goods', async (name, way) => {
  const { invariant, operations, story } = await violationOf(name, selling(way))

  expect({ invariant, operations }).toEqual({ invariant: 'contained(bank, spared)', operations: 5 })
  expect(story).toContain('GET / waits for a place')
  expect(story.replaceAll(/\s+/g, ' ')).toContain('though it does not need bank')
})

test.each([1, 2, 3, 4, 5, 6, 7])('it is found whatever the seed: %i', { tags: ['full'] }, async (seed) => {
  for (const way of [waiting, limited])
    expect((await assess(selling(way), { seed, shrink: false })).kind, way.name).toBe('violated')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('a bulkhead: half of the places are left to those who do not need the bank', selling(partitioned))
})
