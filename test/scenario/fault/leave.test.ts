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
  expect(deliveryOf(faults)).toStrictEqual({ ...undisturbed, leavesAfter: 0 })
  for (const other of [callSite('reply'), writeSite, bootSite]) expect(faultsAt('leave', other)).toStrictEqual([])
  const { waitedFor: _, ...nobodyWaits } = site // nor is a reply of which all is there waited for
  expect([faultsAt('leave', nobodyWaits), leave.fits?.(nobodyWaits)]).toStrictEqual([[], false])
})

test('strikes a streamed reply after its head, or after some more of its pieces', () => {
  const site = { ...callSite('reply'), waitedFor: true } as const
  const faults = faultsAt('leave', site)
  expect(faults).toStrictEqual([
    { kind: 'leave', at: site.address },
    { kind: 'leave', at: site.address, afterPieces: 1 },
    { kind: 'leave', at: site.address, afterPieces: 3 },
  ])
  expect(faults.map(faultWords)).toStrictEqual([
    'the client leaves after the head of the answer',
    'the client leaves 1 piece after the head of the answer',
    'the client leaves 3 pieces after the head of the answer',
  ])
  expect(faults.map((fault) => deliveryOf([fault]).leavesAfter)).toStrictEqual([0, 1, 3])
})
