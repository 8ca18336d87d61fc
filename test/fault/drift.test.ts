import { expect, test } from 'vitest'
import { faultWords, passageOf } from '../../src/fault.ts'
import { undisturbed } from '../../src/fault/spec.ts'
import { drift, driftWords } from '../../src/fault/drift.ts'
import { bootSite, httpSite, storeSite } from './sites.ts'

test('a node’s timers, a tenth fast or slow, from its first boot', () => {
  const values = drift.values(bootSite)
  expect(values).toStrictEqual([100_000, -100_000].map((ppm) => ({ kind: 'drift', at: bootSite.address, ppm })))
  expect(values.map(faultWords)).toStrictEqual(["shop's timers run 10 % fast", "shop's timers run 10 % slow"])
  expect(passageOf(values)).toStrictEqual({ ...undisturbed, drifts: [{ node: 'shop', ppm: -100_000 }, { node: 'shop', ppm: 100_000 }] })
})

test('at boots only', () => {
  expect([httpSite('request'), httpSite('reply'), storeSite()].flatMap((site) => drift.values(site))).toStrictEqual([])
})

test('small drifts are told in ppm', () => {
  expect([100, -100, 9_999, 10_000, -123_456].map(driftWords)).toStrictEqual(['100 ppm fast', '100 ppm slow', '9999 ppm fast', '1 % fast', '12.346 % slow'])
})
