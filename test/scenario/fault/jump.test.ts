import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { jump } from '../../../src/scenario/fault/jump.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('the receiver’s clock, back a little and forward an hour, as a request reaches it', () => {
  const values = jump.values(callSite('request'))
  expect(values.map(({ node, byMs }) => [node, byMs])).toStrictEqual([
    ['bank', -10_000],
    ['bank', 3_600_000],
  ])
  expect(values.map(faultWords)).toStrictEqual(["bank's clock jumps 10 s back", "bank's clock jumps 60 min forward"])
  expect(deliveryOf(values)).toStrictEqual({
    ...undisturbed,
    jumps: [
      { node: 'bank', byMs: -10_000 },
      { node: 'bank', byMs: 3_600_000 },
    ],
  })
})

test('never the clock of somebody else’s host, nor at a reply, a store call or a boot', () => {
  expect(
    [callSite('request', { nodes: ['shop'] }), callSite('reply'), writeSite, bootSite].flatMap((site) =>
      jump.values(site),
    ),
  ).toStrictEqual([])
})
