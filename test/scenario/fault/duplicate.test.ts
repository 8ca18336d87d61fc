import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { duplicate } from '../../../src/scenario/fault/duplicate.ts'
import { bootSite, httpSite, storeSite } from './sites.ts'

test('the world duplicates for senders that deliver at least once, and idempotent methods', () => {
  expect(duplicate.values(httpSite('request', { atLeastOnce: true }))).toHaveLength(3)
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
    expect(duplicate.values(httpSite('request', { method }))).toHaveLength(3)
})

test('and for nobody else: no POST or PATCH of a handler, no reply, no store call, no boot', () => {
  const sites = [
    httpSite('request'),
    httpSite('request', { method: 'PATCH' }),
    httpSite('reply', { atLeastOnce: true }),
    httpSite('reply', { method: 'GET' }),
    storeSite({ atLeastOnce: true }),
    bootSite,
  ]
  expect(sites.flatMap((site) => duplicate.values(site))).toStrictEqual([])
})

test('overlapping first, at once and a little later, then after the reply', () => {
  const values = duplicate.values(httpSite('request', { atLeastOnce: true }))
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
