import { expect, test } from 'vitest'
import { faultWords, deliveryOf } from '../../../src/scenario/fault/registry.ts'
import { undisturbed } from '../../../src/scenario/fault/delivery.ts'
import { lose } from '../../../src/scenario/fault/lose.ts'
import { bootSite, callSite, writeSite } from './sites.ts'

test('strikes either leg of a message, and nothing else', () => {
  for (const leg of ['request', 'reply'] as const) {
    const site = callSite(leg)
    expect(lose.values(site)).toStrictEqual([{ kind: 'lose', at: site.address }])
    expect(lose.values(site).map(faultWords)).toStrictEqual([`${leg} lost`])
    expect(deliveryOf(lose.values(site))).toStrictEqual({ ...undisturbed, fate: 'lost' })
  }
  expect([writeSite, bootSite].flatMap((site) => lose.values(site))).toStrictEqual([])
})
