// Who only logs a refused write loses what it called saved; who tells does not.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { logged, saving, told } from './full-disk.ts'
import { violationOf } from './violation.ts'

test('logged: the note is "saved", and the disk is full', async () => {
  const { invariant, faults, operations, story } = await violationOf('logged', saving(logged))
  expect({ invariant, operations, faults: faults.map(({ kind }) => kind) }).toEqual({
    invariant: 'atLeastOnce(save, note)',
    operations: 1,
    faults: ['readonly'],
  })
  expect(story).toContain('db takes no writes')
  expect(story).toContain('db refuses insert notes')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('told: what is called saved is there', saving(told))
})
