// What SQLite calls committed may be lost with the power, where it does not wait for the disk.
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { folder, ordering } from './power-cut.ts'
import { violationOf } from './violation.ts'

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('synchronous = normal: a confirmed order is lost with the power', async () => {
  const { operations, faults, story } = await violationOf('normal', ordering('normal'))
  expect({ operations, faults: faults.map(({ kind }) => kind) }).toEqual({ operations: 1, faults: ['unsynced'] })
  expect(story).toContain('not yet on the disk as power is lost')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('synchronous = full: what is confirmed is there', ordering('full'))
})
