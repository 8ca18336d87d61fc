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

test('more rarely until the shortest timer has just caused a retry, unless that is as long as the others', () => {
  const lengths = (ms: number): readonly unknown[] => {
    const site = callSite('request', { nodes: ['bank'], timersMs: [ms] })
    return [...pause.values(site), ...(pause.rarer?.(site) ?? [])].map(({ forMs, replaced }) => [forMs, replaced])
  }
  expect(lengths(300)).toStrictEqual([
    [600, 'no'],
    [600, 'yes'],
    [301, 'no'],
  ])
  expect(lengths(1)).toStrictEqual([
    [2, 'no'],
    [2, 'yes'],
  ])
})

test('the caller after a write; more rarely after a read; not at boot', () => {
  expect(pause.values(writeSite).map(({ node }) => node)).toStrictEqual(['shop', 'shop'])
  expect(pause.rarer?.(writeSite)).toStrictEqual([])
  expect(pause.values(readSite)).toStrictEqual([])
  expect(pause.rarer?.(readSite).map(faultWords)).toStrictEqual([
    'shop pauses for 10 s',
    'shop pauses for 10 s, is replaced',
  ])
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
