import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { refuse } from '../../../src/scenario/fault/refuse.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes requests only', () => {
  const site = callSite('request')
  expect(refuse.values(site)).toStrictEqual([{ kind: 'refuse', at: site.address }])
  expect(refuse.values(site).map(faultWords)).toStrictEqual(['connection refused'])
  expect(deliveryOf(refuse.values(site))).toStrictEqual({ ...undisturbed, fate: 'refused' })
  expect([callSite('reply'), writeSite, bootSite].flatMap((site) => refuse.values(site))).toStrictEqual([])
})
