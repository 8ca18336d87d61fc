import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { drift, driftWords, type Drift } from '../../../src/scenario/fault/drift.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('a node’s timers, a tenth fast or slow, from its first boot', () => {
  const values = drift.values(bootSite)
  expect(values).toStrictEqual([100_000, -100_000].map((ppm) => ({ kind: 'drift', at: bootSite.address, ppm })))
  expect(values.map(faultWords)).toStrictEqual(["shop's timers run 10 % fast", "shop's timers run 10 % slow"])
  expect(deliveryOf(values)).toStrictEqual({
    ...undisturbed,
    drifts: [
      { node: 'shop', ppm: -100_000 },
      { node: 'shop', ppm: 100_000 },
    ],
  })
})

test('or from when a request reaches it', () => {
  const { address } = callSite('request')
  const values = drift.values(callSite('request'))
  expect(values).toStrictEqual([100_000, -100_000].map((ppm) => ({ kind: 'drift', at: address, ppm })))
  expect([...values, { ...values[0], forMs: 5_000 } as Drift].map(faultWords)).toStrictEqual([
    "bank's timers run 10 % fast from here on",
    "bank's timers run 10 % slow from here on",
    "bank's timers run 10 % fast from here on, for 5 s",
  ])
  expect(deliveryOf([{ ...values[0], forMs: 5_000 } as Drift])).toStrictEqual({
    ...undisturbed,
    drifts: [{ node: 'bank', ppm: 100_000, forMs: 5_000 }],
  })
})

test('not at replies and stores, nor of an outside host', () => {
  expect(
    [callSite('reply'), writeSite, callSite('request', { nodes: ['shop'] })].flatMap((site) => drift.values(site)),
  ).toStrictEqual([])
})

test('small drifts are told in ppm', () => {
  expect([100, -100, 9_999, 10_000, -123_456].map(driftWords)).toStrictEqual([
    '100 ppm fast',
    '100 ppm slow',
    '9999 ppm fast',
    '1 % fast',
    '12.346 % slow',
  ])
})
