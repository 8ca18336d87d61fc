import { expect, test } from 'vitest'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { deliveryOf, faultsAt, faultWords } from '../../../src/scenario/fault/registry.ts'
import { trickle } from '../../../src/scenario/fault/trickle.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes bodies both ways, longer than the first limit allows, and is no usual single fault', () => {
  const site = callSite('reply', { bodyBytes: 13, timersMs: [2_000, 9_000] })
  const faults = faultsAt('trickle', site)
  expect(trickle.values(site)).toStrictEqual([])
  expect(faults).toStrictEqual([{ kind: 'trickle', at: site.address, overMs: 6_000 }])
  expect(faults.map(faultWords)).toStrictEqual(['body of the reply trickles for 6 s'])
  expect(deliveryOf(faults)).toStrictEqual({ ...undisturbed, trickleMs: 6_000 })
  const [unlimited, slow] = [[], [50_000]].map((timersMs) => callSite('reply', { bodyBytes: 1, timersMs }))
  expect(faultsAt('trickle', unlimited ?? bootSite)).toMatchObject([{ overMs: 30_000 }])
  expect(faultsAt('trickle', slow ?? bootSite)).toMatchObject([{ overMs: 60_000 }])
  const request = callSite('request', { bodyBytes: 13, timersMs: [2_000] })
  expect(faultsAt('trickle', request)).toMatchObject([{ at: request.address, overMs: 6_000 }])
  for (const other of [callSite('request'), callSite('reply'), writeSite, bootSite])
    expect(faultsAt('trickle', other)).toStrictEqual([])
})
