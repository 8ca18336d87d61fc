import { expect, test } from 'vitest'
import { faultsAt, faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { reset } from '../../../src/scenario/fault/reset.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes before the work, after it, and half-way through a body where there is one', () => {
  const [request, reply] = [callSite('request'), callSite('reply')]
  expect(reset.values(request)).toStrictEqual([{ kind: 'reset', at: request.address }])
  expect(reset.values(reply)).toStrictEqual([{ kind: 'reset', at: reply.address }])
  expect(reset.values({ ...reply, bodyBytes: 13 })).toStrictEqual([
    { kind: 'reset', at: reply.address },
    { kind: 'reset', at: reply.address, atByte: 6 },
  ])
  expect(faultsAt('reset', { ...request, bodyBytes: 13 })).toStrictEqual([
    { kind: 'reset', at: request.address },
    { kind: 'reset', at: request.address, atByte: 6 },
  ])
  expect([writeSite, bootSite].flatMap((site) => reset.values(site))).toStrictEqual([])
})

test('ends the call, or breaks off its body', () => {
  const [request, reply] = [callSite('request').address, callSite('reply').address]
  expect(deliveryOf([{ kind: 'reset', at: reply }])).toStrictEqual({ ...undisturbed, fate: 'reset' })
  expect(deliveryOf([{ kind: 'reset', at: reply, atByte: 2.9 }])).toStrictEqual({ ...undisturbed, breaksAtByte: 2 })
  expect(deliveryOf([{ kind: 'reset', at: request, atByte: 2 }])).toStrictEqual({ ...undisturbed, breaksAtByte: 2 })
})

test('says when', () => {
  const [request, reply] = [callSite('request').address, callSite('reply').address]
  expect(
    [{ at: request }, { at: reply }, { at: reply, atByte: 6 }, { at: request, atByte: 6 }].map((fault) =>
      faultWords({ kind: 'reset', ...fault }),
    ),
  ).toStrictEqual([
    'connection reset before the work',
    'connection reset after the work',
    'body breaks off at byte 6',
    'request breaks off at byte 6',
  ])
})
