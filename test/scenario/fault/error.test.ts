import { expect, test } from 'vitest'
import { deliveryOf, faultsAt, faultWords } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { error } from '../../../src/scenario/fault/error.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('comes before the work on the request, after it on the reply', () => {
  for (const [leg, words] of [
    ['request', '503 before the work'],
    ['reply', '503 after the work'],
  ] as const) {
    const site = callSite(leg)
    expect(error.values(site)).toStrictEqual([{ kind: 'error', at: site.address, status: 503 }])
    expect(error.values(site).map(faultWords)).toStrictEqual([words])
    expect(deliveryOf(error.values(site))).toStrictEqual({ ...undisturbed, answer: { status: 503 } })
  }
  expect([writeSite, bootSite].flatMap((site) => faultsAt('error', site))).toStrictEqual([])
})

test('is 500, 502, 503 or 504 on either leg', () => {
  for (const leg of ['request', 'reply'] as const) {
    const statuses = faultsAt('error', callSite(leg)).map((fault) => deliveryOf([fault]).answer)
    expect(statuses).toStrictEqual([503, 500, 502, 504].map((status) => ({ status })))
  }
})
