import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { skew } from '../../../src/scenario/fault/skew.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('a node’s clock, a minute fast or slow, from its first boot', () => {
  const values = skew.values(bootSite)
  expect(values).toStrictEqual([60_000, -60_000].map((byMs) => ({ kind: 'skew', at: bootSite.address, byMs })))
  expect(values.map(faultWords)).toStrictEqual(["shop's clock is 60 s fast", "shop's clock is 60 s slow"])
  expect(deliveryOf(values)).toStrictEqual({
    ...undisturbed,
    jumps: [
      { node: 'shop', byMs: -60_000 },
      { node: 'shop', byMs: 60_000 },
    ],
  })
})

test('at boots only', () => {
  expect([callSite('request'), callSite('reply'), writeSite].flatMap((site) => skew.values(site))).toStrictEqual([])
})
