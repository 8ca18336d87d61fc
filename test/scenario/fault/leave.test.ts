import { expect, test } from 'vitest'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { leave } from '../../../src/scenario/fault/leave.ts'
import { deliveryOf, faultsAt, faultWords } from '../../../src/scenario/fault/registry.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes each request of an operation whose client waits, and is no usual single fault', () => {
  const site = callSite('request')
  const faults = faultsAt('leave', site)
  expect(leave.values(site)).toStrictEqual([])
  expect(faults).toStrictEqual([{ kind: 'leave', at: site.address }])
  expect(faults.map(faultWords)).toStrictEqual(['the client leaves'])
  expect(deliveryOf(faults)).toStrictEqual({ ...undisturbed, leaves: true })
  for (const other of [callSite('reply'), writeSite, bootSite]) expect(faultsAt('leave', other)).toStrictEqual([])
  const { waitedFor: _, ...nobodyWaits } = site
  expect([faultsAt('leave', nobodyWaits), leave.fits?.(nobodyWaits)]).toStrictEqual([[], false])
})
