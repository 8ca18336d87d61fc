import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { hang } from '../../../src/scenario/fault/hang.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes requests only', () => {
  const site = callSite('request')
  expect(hang.values(site)).toStrictEqual([{ kind: 'hang', at: site.address }])
  expect(hang.values(site).map(faultWords)).toStrictEqual(['accepted, never answered'])
  expect(deliveryOf(hang.values(site))).toStrictEqual({ ...undisturbed, fate: 'hang' })
  expect([callSite('reply'), writeSite, bootSite].flatMap((site) => hang.values(site))).toStrictEqual([])
})
