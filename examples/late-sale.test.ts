// Who drops a sale that comes after its window closed loses it; who corrects the window does not.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { correcting, dropping, totalling } from './late-sale.ts'
import { violationOf } from './violation.ts'

test('dropping: a sale comes after its window closed, and is in no total', async () => {
  const { invariant, faults, operations, story } = await violationOf('dropping', totalling(dropping))
  expect({ invariant, operations, faults: faults.length }).toEqual({
    invariant: 'exactlyOnce(sell, entry)',
    operations: 1,
    faults: 1,
  })
  expect(story).toContain('the message of "sales" was acknowledged without its work')
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  testResilience('correcting: each sale is in one total', totalling(correcting))
})
