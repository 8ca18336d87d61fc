import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { crash } from '../../../src/scenario/fault/crash.ts'
import { bootSite, callSite, readSite, writeSite } from './sites.ts'

test('either node at either leg of a message', () => {
  expect(crash.values(callSite('request')).map(({ node, restartAfterMs }) => [node, restartAfterMs])).toStrictEqual([
    ['bank', 1_000],
    ['shop', 1_000],
  ])
  expect(crash.values(callSite('reply')).map(({ node, moment }) => [node, moment])).toStrictEqual([
    ['bank', undefined],
    ['bank', 'after'],
    ['shop', undefined],
  ])
  expect(crash.values(callSite('request', { nodes: ['bank'] })).map(({ node }) => node)).toStrictEqual(['bank'])
  expect(crash.values(callSite('request', { nodes: [] }))).toStrictEqual([])
})

test('the caller directly after a write; not after a read, where nothing has changed; not at boot', () => {
  expect(crash.values(writeSite).map(({ node }) => node)).toStrictEqual(['shop'])
  expect(crash.values(readSite)).toStrictEqual([])
  expect(crash.values(bootSite)).toStrictEqual([])
})

test('says when, and for how long', () => {
  expect(crash.values(callSite('request')).map(faultWords)).toStrictEqual([
    'bank crashes before the work, restarts after 1 s',
    'shop crashes after sending POST /charges, restarts after 1 s',
  ])
  expect(crash.values(callSite('reply')).map(faultWords)).toStrictEqual([
    'bank crashes before it answers, restarts after 1 s',
    'bank crashes just after it answers, restarts after 1 s',
    'shop crashes as POST /charges is answered, restarts after 1 s',
  ])
  expect(crash.values(writeSite).map(faultWords)).toStrictEqual([
    'shop crashes after insert orders, restarts after 1 s',
  ])
})

test('both ends may crash at one leg', () => {
  expect(deliveryOf(crash.values(callSite('request')))).toStrictEqual({
    ...undisturbed,
    crashes: [
      { node: 'bank', restartAfterMs: 1_000 },
      { node: 'shop', restartAfterMs: 1_000 },
    ],
  })
})

test('for good, where another instance goes on: at the same places, except just after an answer', () => {
  const rarer = crash.rarer?.bind(crash) ?? (() => [])
  expect(rarer(callSite('request'))).toStrictEqual([])
  const site = callSite('reply', { replicated: ['bank'] })
  expect(rarer(site).map(({ node, moment, how, forGood }) => [node, moment, how, forGood])).toStrictEqual([
    ['bank', undefined, 'exit', undefined],
    ['bank', undefined, undefined, 'yes'],
  ])
  expect(rarer(site).map(faultWords)).toStrictEqual([
    'bank is killed (its connections are reset) before it answers, restarts after 1 s',
    'bank dies for good before it answers',
  ])
  expect(rarer({ ...writeSite, replicated: ['shop'] }).map(faultWords)).toStrictEqual([
    'shop dies for good after insert orders',
  ])
  expect(rarer(bootSite)).toStrictEqual([])
  expect(deliveryOf(rarer(site)).crashes).toStrictEqual([
    { node: 'bank', restartAfterMs: 1_000, forGood: true },
    { node: 'bank', restartAfterMs: 1_000, hangsUp: true },
  ])
})
