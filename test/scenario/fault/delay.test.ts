import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { delay } from '../../../src/scenario/fault/delay.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('goes just past every time limit that waits for the message, and past the retry that it causes', () => {
  const site = callSite('reply', { timersMs: [5_000, 30_000] })
  expect(delay.values(site).map(({ byMs }) => byMs)).toStrictEqual([4_981, 5_980, 29_981, 30_980, 100])
  expect(delay.values(site).map(faultWords)[0]).toBe('reply delayed by 4.981 s')
})

test('a limit that the usual latency exceeds already needs no delay; without limits it is a little late, or later than the next message', () => {
  expect(delay.values(callSite('request', { latencyMs: 2_000, timersMs: [10] })).map(({ byMs }) => byMs)).toStrictEqual(
    [100],
  )
  expect(delay.values(callSite('request')).map(({ byMs }) => byMs)).toStrictEqual([100, 1_100])
})

test('two delays add up; stores and boots are not late', () => {
  const [late] = delay.values(callSite('request'))
  expect(late === undefined ? undefined : deliveryOf([late, late])).toStrictEqual({ ...undisturbed, delayMs: 200 })
  expect([writeSite, bootSite].flatMap((site) => delay.values(site))).toStrictEqual([])
})

test('rarer: just before the first limit that waits for it', () => {
  expect(delay.rarer?.(callSite('reply', { timersMs: [5_000, 30_000] })).map(faultWords)).toStrictEqual([
    'reply delayed by 4.92 s',
  ])
  for (const timersMs of [[], [120]]) expect(delay.rarer?.(callSite('request', { timersMs }))).toStrictEqual([])
  expect([writeSite, bootSite].flatMap((site) => delay.rarer?.(site) ?? [])).toStrictEqual([])
})
