import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { garble } from '../../../src/scenario/fault/garble.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes every answer with a body, in three ways', () => {
  const site = callSite('reply', { bodyBytes: 4 })
  expect(garble.values(site)).toStrictEqual(
    (['html', 'truncated', 'empty'] as const).map((body) => ({ kind: 'garble', at: site.address, body })),
  )
  expect(
    [callSite('reply'), callSite('request', { bodyBytes: 4 }), writeSite, bootSite].flatMap((other) =>
      garble.values(other),
    ),
  ).toStrictEqual([])
})

test('changes the body only, and says how', () => {
  const { address: at } = callSite('reply')
  expect(deliveryOf([{ kind: 'garble', at, body: 'empty' }])).toStrictEqual({ ...undisturbed, body: 'empty' })
  expect(
    (['truncated', 'empty', 'html'] as const).map((body) => faultWords({ kind: 'garble', at, body })),
  ).toStrictEqual(['half of the body arrives', 'the body arrives empty', "a proxy's HTML page arrives"])
})
