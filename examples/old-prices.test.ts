// Old prices: silently is found, for ever is found once they are old; marked and limited holds.
import { describe, expect, test } from 'vitest'
import { testResilience } from 'two-generals/vitest'
import { forAMinute, forEver, showing, silently } from './old-prices.ts'
import { violationOf } from './violation.ts'

test('a price of yesterday: one call without an answer, and nobody is told', async () => {
  const { invariant, faults, operations, story } = await violationOf('silently', showing(silently))
  expect({ invariant, operations }).toEqual({ invariant: 'degraded(look) without prices', operations: 2 })
  expect(faults).toHaveLength(1)
  expect(story.replaceAll(/\s+/g, ' ')).toContain(
    'the answer does not say so; expected that a degraded answer is marked.',
  )
})

describe('all single faults, and many at once', { tags: ['full'] }, () => {
  test('the last price for ever: it is older than a minute in the end', async () => {
    const { story } = await violationOf('for ever', showing(forEver))
    expect(story.replaceAll(/\s+/g, ' ')).toContain('expected at most 60 s.')
  })

  testResilience('marked, and for a minute', showing(forAMinute))
})
