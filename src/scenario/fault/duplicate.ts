// Deliver a request twice: overlapping with the first copy, or after the first was answered.
// The world does this where the sender delivers at least once (a provider, a queue, a client that retries, a double
// submit) and to idempotent methods (RFC 9110 section 9.2.2: a proxy may repeat those, and no others).
// Survives: a unique key in one transaction with the effect.
// Example: both copies of one webhook read "not seen yet".
import type { Address } from '../address.ts'
import type { FaultSpec } from './spec.ts'

export interface Duplicate {
  readonly kind: 'duplicate'
  readonly at: Address
  /** The copy comes after the first copy's arrival (they overlap), or after the reply to it has left. */
  readonly after: 'request' | 'reply'
  /** How long after, in milliseconds of virtual time. */
  readonly gapMs: number
}

export const duplicate: FaultSpec<Duplicate> = {
  kind: 'duplicate',
  fields: { after: { type: 'choice', choices: ['request', 'reply'] }, gapMs: { type: 'ms', target: 0, min: 0 } },
  values(site) {
    const { address } = site
    if (site.kind !== 'call' || address.leg !== 'request' || !site.repeatable) return []
    return [
      { kind: 'duplicate', at: address, after: 'request', gapMs: 0 },
      { kind: 'duplicate', at: address, after: 'request', gapMs: 10 },
      { kind: 'duplicate', at: address, after: 'reply', gapMs: 10 },
    ]
  },
  rewrite: (delivery, fault) => ({
    ...delivery,
    copies: [...delivery.copies, { after: fault.after, afterMs: fault.gapMs }],
  }),
  words: (fault) => (fault.after === 'request' ? 'duplicated, overlapping' : 'duplicated, after the reply'),
}
