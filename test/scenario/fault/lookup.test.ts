import { expect, test } from 'vitest'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { lookup } from '../../../src/scenario/fault/lookup.ts'
import { deliveryOf, faultsAt, faultWords } from '../../../src/scenario/fault/registry.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes requests to a name only, in two ways, neither of which is a usual single fault', () => {
  const site = callSite('request')
  const faults = faultsAt('lookup', site)
  expect(lookup.values(site)).toStrictEqual([])
  expect(faults).toStrictEqual([
    { kind: 'lookup', at: site.address },
    { kind: 'lookup', at: site.address, code: 'EAI_AGAIN' },
  ])
  expect(faults.map(faultWords)).toStrictEqual(['name not found', 'name not resolved (EAI_AGAIN)'])
  expect(faults.map((fault) => deliveryOf([fault]))).toStrictEqual([
    { ...undisturbed, fate: 'notFound' },
    { ...undisturbed, fate: 'tryAgain' },
  ])
  expect([callSite('reply'), writeSite, bootSite].flatMap((one) => faultsAt('lookup', one))).toStrictEqual([])
})

test('nobody looks up an address, or the other end of a connection that is open', () => {
  for (const reach of ['by address', 'kept connection'] as const)
    expect(faultsAt('lookup', callSite('request', { reach }))).toStrictEqual([])
})
