// A reply whose body is not what the callee sent: cut short, empty, or a proxy's HTML page (maintenance, a captive
// portal), after the work and with its framing intact, so that no client notices by itself. The page comes with 200 for
// any yes; a no stays a no, or nobody could be right. One kind with a choice, not three: one thing in the world does
// all of them, the same code survives them, nobody claims one without the rest. Survives: parsing before believing the
// status, taking what cannot be read for unknown, and a retry that is safe. Example: `response.ok`, then `await
// response.json()` throws, and the catch reports "not charged".
import type { Address } from '../address.ts'
import type { Damage } from './delivery.ts'
import type { FaultSpec } from './spec.ts'

export interface Garble {
  readonly kind: 'garble'
  readonly at: Address
  /** Its first half, rounded down; nothing; or a proxy's page in place of headers and body, a yes as 200. */
  readonly body: Damage
}

export const garble: FaultSpec<Garble> = {
  kind: 'garble',
  fields: { body: { type: 'choice', choices: ['truncated', 'empty', 'html'] } },
  values(site) {
    if (site.kind !== 'call' || site.address.leg !== 'reply' || site.bodyBytes === undefined) return []
    return (['html', 'truncated', 'empty'] as const).map((body) => ({ kind: 'garble', at: site.address, body }))
  },
  rewrite: (delivery, { body }) => ({ ...delivery, body }),
  words: ({ body }) =>
    body === 'truncated'
      ? 'half of the body arrives'
      : body === 'empty'
        ? 'the body arrives empty'
        : "a proxy's HTML page arrives",
}
