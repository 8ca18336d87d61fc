import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { hang } from '../../../src/scenario/fault/hang.ts'
import { bootSite, httpSite, storeSite } from './sites.ts'

test('strikes requests only', () => {
  const site = httpSite('request')
  expect(hang.values(site)).toStrictEqual([{ kind: 'hang', at: site.address }])
  expect(hang.values(site).map(faultWords)).toStrictEqual(['accepted, never answered'])
  expect(deliveryOf(hang.values(site))).toStrictEqual({ ...undisturbed, fate: 'hang' })
  expect([httpSite('reply'), storeSite(), bootSite].flatMap((site) => hang.values(site))).toStrictEqual([])
})
