import { expect, test } from 'vitest'
import { deliveryOf, faultsAt, faultWords } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { throttle } from '../../../src/scenario/fault/throttle.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes requests only: the work is not done', () => {
  const site = callSite('request')
  expect(throttle.values(site)).toStrictEqual([{ kind: 'throttle', at: site.address, retryAfterMs: 1_000 }])
  expect(deliveryOf(throttle.values(site))).toStrictEqual({
    ...undisturbed,
    answer: { status: 429, retryAfterMs: 1_000 },
  })
  expect([callSite('reply'), writeSite, bootSite].flatMap((one) => faultsAt('throttle', one))).toStrictEqual([])
})

test('asks for short and long patience, in seconds and until a date, with 429 and 503', () => {
  const faults = faultsAt('throttle', callSite('request'))
  expect(faults.map((fault) => deliveryOf([fault]).answer)).toStrictEqual([
    { status: 429, retryAfterMs: 1_000 },
    { status: 429, retryAfterMs: 120_000 },
    { status: 429, retryAfterMs: 120_000, dated: true },
    { status: 503, retryAfterMs: 120_000 },
    { status: 503, retryAfterMs: 1_000, dated: true },
  ])
  expect(faults.map(faultWords)).toStrictEqual([
    '429, retry after 1 s',
    '429, retry after 2 min',
    '429, retry at the date 2 min later',
    '503, retry after 2 min',
    '503, retry at the date 1 s later',
  ])
})

test('tells whole seconds, as Retry-After does', () => {
  expect(faultWords({ kind: 'throttle', at: callSite('request').address, retryAfterMs: 1_001 })).toBe(
    '429, retry after 2 s',
  )
})
