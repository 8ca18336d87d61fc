import { expect, test } from 'vitest'
import { close } from '../../../src/scenario/fault/close.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { deliveryOf, faultsAt, faultWords } from '../../../src/scenario/fault/registry.ts'
import { adversary, everyFault, listed } from '../../../src/scenario/plan.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes requests over a kept connection only, and is no usual single fault', () => {
  const site = callSite('request', { reach: 'kept connection' })
  const faults = faultsAt('close', site)
  expect(close.values(site)).toStrictEqual([])
  expect(faults).toStrictEqual([{ kind: 'close', at: site.address }])
  expect(faults.map(faultWords)).toStrictEqual(['kept connection closed before the work'])
  expect(deliveryOf(faults)).toStrictEqual({ ...undisturbed, fate: 'closed' })
  for (const other of [callSite('request'), callSite('reply'), writeSite, bootSite])
    expect(faultsAt('close', other)).toStrictEqual([])
})

test('does not strike where a plan names a call whose connection is a new one now', () => {
  const { address: at } = callSite('request')
  const plan = adversary(listed([{ kind: 'close', at }]), everyFault)
  expect(plan.at(callSite('request', { reach: 'kept connection' }))).toHaveLength(1)
  expect(plan.at(callSite('request'))).toHaveLength(0)
})
