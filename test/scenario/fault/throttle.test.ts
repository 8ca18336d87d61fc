import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
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
  expect([callSite('reply'), writeSite, bootSite].flatMap((site) => throttle.values(site))).toStrictEqual([])
})

test('tells whole seconds, as Retry-After does', () => {
  expect(faultWords({ kind: 'throttle', at: callSite('request').address, retryAfterMs: 1_001 })).toBe(
    '429, retry after 2 s',
  )
})
