import { expect, test } from 'vitest'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { deliveryOf, faultsAt, faultWords } from '../../../src/scenario/fault/registry.ts'
import { adversary, everyFault, listed } from '../../../src/scenario/plan.ts'
import { unreachable } from '../../../src/scenario/fault/unreachable.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes requests that need a connection, and is no usual single fault', () => {
  const site = callSite('request')
  const faults = faultsAt('unreachable', site)
  expect(unreachable.values(site)).toStrictEqual([])
  expect(faults).toStrictEqual([{ kind: 'unreachable', at: site.address }])
  expect(faults.map(faultWords)).toStrictEqual(['no connection comes about'])
  expect(deliveryOf(faults)).toStrictEqual({ ...undisturbed, fate: 'unreachable' })
  expect(faultsAt('unreachable', callSite('request', { reach: 'by address' }))).toHaveLength(1)
  for (const other of [callSite('reply'), writeSite, bootSite, callSite('request', { reach: 'kept connection' })])
    expect(faultsAt('unreachable', other)).toStrictEqual([])
})

test('does not strike where a plan names a call that needs no connection any more', () => {
  const { address: at } = callSite('request')
  const plan = adversary(listed([{ kind: 'unreachable', at }]), everyFault)
  expect(plan.at(callSite('request'))).toHaveLength(1)
  expect(plan.at(callSite('request', { reach: 'kept connection' }))).toHaveLength(0)
})
