import { expect, test } from 'vitest'
import { faultsAt, faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { jump } from '../../../src/scenario/fault/jump.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('at a request, the clock of its receiver: back a little and forward an hour', () => {
  const values = jump.values(callSite('request'))
  expect(values.map(faultWords)).toStrictEqual(["bank's clock jumps 10 s back", "bank's clock jumps 60 min forward"])
  expect(deliveryOf(values)).toStrictEqual({
    ...undisturbed,
    jumps: [
      { node: 'bank', byMs: -10_000 },
      { node: 'bank', byMs: 3_600_000 },
    ],
  })
})

test('also of its sender, while the receiver works, and as the answer leaves and arrives', () => {
  expect(jump.rarer?.(callSite('request')).map(faultWords)).toStrictEqual([
    "shop's clock jumps 10 s back",
    "shop's clock jumps 60 min forward",
    "bank's clock jumps 10 s back, 1 ms later",
    "bank's clock jumps 60 min forward, 1 ms later",
  ])
  expect(faultsAt('jump', callSite('reply')).map(faultWords)).toStrictEqual([
    "bank's clock jumps 10 s back",
    "shop's clock jumps 10 s back",
  ])
})

test('is told with its moment', () => {
  const back = jump.rarer?.(callSite('request')).find(({ afterMs }) => afterMs !== undefined)
  expect(back === undefined ? undefined : jump.phrase(back)).toBe(
    "set bank's clock 10 s back 1 ms after POST /charges (pay, attempt 1) arrives",
  )
})

test('of clients too', () => {
  const { address } = callSite('request')
  const site = callSite('request', { address: { ...address, from: 'client' }, nodes: ['bank'] })
  expect(faultsAt('jump', site).map(faultWords)).toContain("the client's clock jumps 10 s back")
})

test('never the clock of somebody else’s host, nor at a store call or a boot', () => {
  expect(
    faultsAt('jump', callSite('request', { nodes: ['shop'] })).every((one) => 'node' in one && one.node === 'shop'),
  ).toBe(true)
  expect([writeSite, bootSite].flatMap((site) => faultsAt('jump', site))).toStrictEqual([])
})
