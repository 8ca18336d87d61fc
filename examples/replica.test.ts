// A look at a replica sells the last lamp twice; a condition in the write does not.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { lookThenTake, selling, takeWhereThereIs } from './replica.ts'
import { violationOf } from './violation.ts'

test('look, then take: the replica has not heard of the last sale', async () => {
  const { operations, faults, story } = await violationOf('look, then take', selling(lookThenTake))
  expect({ operations, faults: faults.map(({ kind }) => kind) }).toEqual({ operations: 2, faults: ['stale'] })
  expect(story).toContain('db is read as it was a write ago')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('take where there is: no lamp is sold that is not there', selling(takeWhereThereIs))
})
