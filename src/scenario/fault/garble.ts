// A reply whose body is not what the callee sent: cut short, empty, or a proxy's HTML page (maintenance, a captive
// portal). It happens after the work, and the framing stays intact, so that no client notices by itself. The page comes
// with 200 in place of any success; a failure keeps its status, since no client could be right about a failure that
// looks like a success. This is one kind with a choice, not three: one thing in the world does all of them, and
// the same code survives them.
// Survives: parsing the body before believing the status, taking what cannot be read for unknown, and a safe retry.
// Example: `response.ok` is true, then `await response.json()` throws, and the catch reports "not charged".
import type { Address } from '../address.ts'
import { legPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { Damage } from './delivery.ts'
import type { FaultSpec } from './spec.ts'

export interface Garble {
  readonly kind: 'garble'
  readonly at: Address
  /** Its first half, rounded down; nothing; or a proxy's page in place of headers and body, a success as 200. */
  readonly body: Damage
}

/** What a claim may name of it. */
export interface GarbleParts {
  readonly body: Damage
}

export const garble: FaultSpec<Garble, GarbleParts> = {
  kind: 'garble',
  needs: 'an answer with a body',
  weight: 0.6,
  parts: {
    body: {
      type: 'choices',
      words: { truncated: 'cut short', empty: 'empty', html: 'HTML' },
      of: ({ body }) => body,
    },
  },
  fields: { body: { type: 'choice', choices: ['truncated', 'empty', 'html'] } },
  values(site) {
    if (site.kind !== 'call' || site.address.leg !== 'reply' || site.bodyBytes === undefined) return []
    return (['html', 'truncated', 'empty'] as const).map((body) => ({ kind: 'garble', at: site.address, body }))
  },
  rewrite: (delivery, { body }) => ({ ...delivery, body }),
  words: ({ body }) => arrivals[body],
  phrase: ({ at, body }) => `deliver ${bodies[body]} ${legPhrase(at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}

const arrivals = {
  truncated: 'half of the body arrives',
  empty: 'the body arrives empty',
  html: "a proxy's HTML page arrives",
} as const

const bodies = {
  truncated: 'half of the body of',
  empty: 'an empty body in',
  html: "a proxy's HTML page in place of",
} as const
