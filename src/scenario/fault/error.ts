// A 5xx answer. On the request leg it comes before the work (an overloaded proxy); on the reply leg it replaces the
// answer after the work was done (a proxy that lost its upstream). The caller cannot tell which.
// Survives: a retry that is safe in both cases.
// Example: "500 means it did not happen, so charge again".
import type { Address } from '../address.ts'
import type { FaultSpec } from './spec.ts'

export interface ErrorReply {
  readonly kind: 'error'
  /** Leg `request`: the work is not done. Leg `reply`: it is. */
  readonly at: Address
  readonly status: 500 | 502 | 503 | 504
}

export const error: FaultSpec<ErrorReply> = {
  kind: 'error',
  fields: { status: { type: 'choice', choices: [503, 500, 502, 504] } },
  values: (site) => (site.kind === 'call' ? [{ kind: 'error', at: site.address, status: 503 }] : []),
  rewrite: (delivery, fault) => ({ ...delivery, answer: { status: fault.status } }),
  words: (fault) => `${fault.status} ${fault.at.leg === 'request' ? 'before' : 'after'} the work`,
}
