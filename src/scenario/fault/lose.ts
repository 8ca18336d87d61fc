// Lose a message. Request: the work is never done. Reply: the work is done, and nobody learns of it. The caller sees
// the same silence in both cases, until its own time limit or its client's (fetch: 300 s). Survives: a time limit, a
// bounded retry, and an idempotency key stored with the effect. Example: the reply to a charge is lost, the shop
// retries, the customer pays twice.
import type { Address, Leg } from '../address.ts'
import { legPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Lose {
  readonly kind: 'lose'
  readonly at: Address
}

/** What a claim may name of it. */
export interface LoseParts {
  readonly leg: Leg
}

export const lose: FaultSpec<Lose, LoseParts> = {
  kind: 'lose',
  weight: 1.2,
  parts: { leg: { type: 'choices', words: { request: 'requests', reply: 'replies' }, of: ({ at }) => at.leg } },
  fields: {},
  values: (site) => (site.kind === 'call' ? [{ kind: 'lose', at: site.address }] : []),
  rewrite: (delivery) => ({ ...delivery, fate: 'lost' }),
  words: ({ at }) => `${at.leg} lost`,
  phrase: ({ at }) => `lose ${legPhrase(at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}
