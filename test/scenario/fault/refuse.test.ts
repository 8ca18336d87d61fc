import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { adversary, everyFault, listed } from '../../../src/scenario/plan.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { refuse } from '../../../src/scenario/fault/refuse.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes requests that need a connection only', () => {
  const site = callSite('request')
  expect(refuse.values(site)).toStrictEqual([{ kind: 'refuse', at: site.address }])
  expect(refuse.values(site).map(faultWords)).toStrictEqual(['connection refused'])
  expect(deliveryOf(refuse.values(site))).toStrictEqual({ ...undisturbed, fate: 'refused' })
  const others = [callSite('reply'), writeSite, bootSite, callSite('request', { reach: 'kept connection' })]
  expect(others.flatMap((other) => refuse.values(other))).toStrictEqual([])
})

test('does not strike where a plan names a call whose connection is kept now', () => {
  const { address: at } = callSite('request')
  const plan = adversary(listed([{ kind: 'refuse', at }]), everyFault)
  expect(plan.at(callSite('request'))).toHaveLength(1)
  expect(plan.at(callSite('request', { reach: 'by address' }))).toHaveLength(1)
  expect(plan.at(callSite('request', { reach: 'kept connection' }))).toHaveLength(0)
})
