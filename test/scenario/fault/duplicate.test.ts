import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { duplicate } from '../../../src/scenario/fault/duplicate.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes a request that may be repeated', () => {
  expect(duplicate.values(callSite('request', { repeatable: true }))).toHaveLength(3)
})

test('and nothing else: no POST of a handler, no reply, no store call, no boot', () => {
  const sites = [callSite('request'), callSite('reply', { repeatable: true }), writeSite, bootSite]
  expect(sites.flatMap((site) => duplicate.values(site))).toStrictEqual([])
})

test('overlapping first, at once and a little later, then after the reply', () => {
  const values = duplicate.values(callSite('request', { repeatable: true }))
  expect(values.map(({ after, gapMs }) => [after, gapMs])).toStrictEqual([
    ['request', 0],
    ['request', 10],
    ['reply', 10],
  ])
  expect(values.map(faultWords)).toStrictEqual([
    'duplicated, overlapping',
    'duplicated, overlapping',
    'duplicated, after the reply',
  ])
  expect(deliveryOf(values)).toStrictEqual({
    ...undisturbed,
    copies: [
      { after: 'reply', afterMs: 10 },
      { after: 'request', afterMs: 0 },
      { after: 'request', afterMs: 10 },
    ],
  })
})
