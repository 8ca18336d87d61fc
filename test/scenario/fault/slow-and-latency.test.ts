import { expect, test } from 'vitest'
import { addressId } from '../../../src/scenario/address-text.ts'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { latency } from '../../../src/scenario/fault/latency.ts'
import { slow } from '../../../src/scenario/fault/slow.ts'
import { subKind } from '../../../src/scenario/fault/sub-kind.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

const { address: at } = callSite('request')
const [shop, bank] = [{ names: ['shop'] }, { names: ['bank'] }]

test('a slow node misses the first limit that waits for it', () => {
  expect(slow.values(callSite('request', { timersMs: [5_000, 30_000] }))).toStrictEqual([
    { kind: 'slow', at, byMs: 5_000 },
  ])
  expect(slow.values(callSite('request'))).toStrictEqual([{ kind: 'slow', at, byMs: 10_000 }])
  expect([callSite('reply'), writeSite, bootSite].flatMap((site) => slow.values(site))).toStrictEqual([])
})

test('rarer: a slow node answers just before the first limit that waits for it', () => {
  expect(slow.rarer?.(callSite('request', { timersMs: [5_000, 30_000] }))).toStrictEqual([
    { kind: 'slow', at, byMs: 4_920 },
  ])
  for (const site of [callSite('request'), callSite('reply', { timersMs: [5_000] }), writeSite, bootSite])
    expect(slow.rarer?.(site)).toStrictEqual([])
})

test('it slows all answers of the callee, whoever asked', () => {
  expect(deliveryOf([{ kind: 'slow', at, byMs: 7, forMs: 9 }])).toStrictEqual({
    ...undisturbed,
    begins: [{ from: bank, to: {}, leg: 'reply', what: { kind: 'slower', byMs: 7 }, forMs: 9 }],
  })
  expect([
    faultWords({ kind: 'slow', at, byMs: 700 }),
    faultWords({ kind: 'slow', at, byMs: 700, forMs: 2_000 }),
  ]).toStrictEqual(['bank answers 700 ms later', 'bank answers 700 ms later, for 2 s'])
})

test('a link with a tail: once a call, both ways, drawn by its address', () => {
  expect(latency.values(callSite('request'))).toStrictEqual([{ kind: 'latency', at, typicalMs: 50, tailMs: 8_000 }])
  expect([callSite('reply'), writeSite, bootSite].flatMap((site) => latency.values(site))).toStrictEqual([])
  const what = { kind: 'latency', typicalMs: 50, tailMs: 8_000, key: addressId(at) }
  expect(deliveryOf(latency.values(callSite('request')))).toStrictEqual({
    ...undisturbed,
    begins: [
      { from: shop, to: bank, what },
      { from: bank, to: shop, what },
    ],
  })
  expect(latency.values(callSite('request')).map(faultWords)).toStrictEqual(['shop <-> bank takes 50 ms, at p99 8 s'])
})

test('a narrow link, from a large body on: as quick as usual, and few bytes a second', () => {
  const large = callSite('reply', { bodyBytes: 20_000 })
  const fault = {
    kind: 'latency',
    at: large.address,
    typicalMs: 20,
    tailMs: 20,
    bytesPerSecond: 20_000,
  } as const
  expect(latency.rarer?.(large)).toStrictEqual([fault])
  for (const site of [callSite('reply', { bodyBytes: 19_999 }), callSite('request'), writeSite, bootSite])
    expect(latency.rarer?.(site)).toStrictEqual([])
  expect(deliveryOf([fault]).begins?.map(({ what }) => what)).toMatchObject(
    Array.from({ length: 2 }, () => ({ kind: 'latency', bytesPerSecond: 20_000 })),
  )
  expect(faultWords(fault)).toBe('shop <-> bank carries 20000 bytes a second')
  expect(latency.milder(fault, []).map(({ words }) => words)).toStrictEqual([
    'shop <-> bank carries 40000 bytes a second',
  ])
  expect(subKind({ kind: 'latency', of: 'bytes' }, 'tolerates').limited(fault)).toBe(fault)
  expect(subKind({ kind: 'latency', of: 'messages' }, 'tolerates').limited(fault)).toBeUndefined()
})
