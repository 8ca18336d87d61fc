import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { pause } from '../../../src/scenario/fault/pause.ts'
import { bootSite, callSite, readSite, writeSite } from './sites.ts'

test('either node at either leg of a message, replaced or not', () => {
  for (const leg of ['request', 'reply'] as const) {
    expect(pause.values(callSite(leg)).map(({ node, forMs, replaced }) => [node, forMs, replaced])).toStrictEqual([
      ['bank', 10_000, 'no'],
      ['bank', 10_000, 'yes'],
      ['shop', 10_000, 'no'],
      ['shop', 10_000, 'yes'],
    ])
  }
  expect(pause.values(callSite('request', { nodes: [] }))).toStrictEqual([])
})

test('twice as long as the longest timer that waits', () => {
  expect(
    pause.values(callSite('request', { nodes: ['bank'], timersMs: [300, 5_000] })).map(({ forMs }) => forMs),
  ).toStrictEqual([10_000, 10_000])
  expect(
    pause.values(callSite('request', { nodes: ['bank'], timersMs: [30_000] })).map(({ forMs }) => forMs),
  ).toStrictEqual([60_000, 60_000])
})

test('the caller after a write; not after a read; not at boot', () => {
  expect(pause.values(writeSite).map(({ node }) => node)).toStrictEqual(['shop', 'shop'])
  expect(pause.values(readSite)).toStrictEqual([])
  expect(pause.values(bootSite)).toStrictEqual([])
})

test('says for how long, and whether it is replaced', () => {
  expect(pause.values(writeSite).map(faultWords)).toStrictEqual([
    'shop pauses for 10 s',
    'shop pauses for 10 s, is replaced',
  ])
})

test('both ends may pause at one leg', () => {
  const faults = pause.values(callSite('request')).filter(({ replaced }) => replaced === 'yes')
  expect(deliveryOf(faults)).toStrictEqual({
    ...undisturbed,
    pauses: [
      { node: 'bank', forMs: 10_000, replaced: true },
      { node: 'shop', forMs: 10_000, replaced: true },
    ],
  })
})
