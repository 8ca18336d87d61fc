// A 5xx answer. On the request leg it comes before the work (an overloaded proxy); on the reply leg it replaces the
// answer after the work was done (a proxy that lost its upstream). The caller cannot tell which of the two it was. The
// status code does not show it either, although some code assumes it does. Survives: a retry that is safe in both
// cases. Example: "500 means it did not happen, so charge again".
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface ErrorReply {
  readonly kind: 'error'
  /** Leg `request`: the work is not done. Leg `reply`: it is. */
  readonly at: Address
  readonly status: 500 | 502 | 503 | 504
}

/** What a claim may name of it. */
export interface ErrorParts {
  readonly point: 'before work' | 'after work'
}

export const error: FaultSpec<ErrorReply, ErrorParts> = {
  kind: 'error',
  weight: 0.6,
  parts: {
    point: {
      type: 'choices',
      words: { 'before work': 'before the work', 'after work': 'after the work' },
      of: ({ at }) => (at.leg === 'request' ? 'before work' : 'after work'),
    },
  },
  fields: { status: { type: 'choice', choices: [503, 500, 502, 504] } },
  values: (site) => errors(site, 503),
  rarer: (site) => errors(site, 500, 502, 504),
  rewrite: (delivery, { status }) => ({ ...delivery, answer: { status } }),
  words: (fault) => `${fault.status} ${workPhrase(fault)}`,
  phrase: (fault) => `answer ${fault.status} ${workPhrase(fault)} to ${linkPhrase(fault.at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}

function errors({ kind, address: at }: Site, ...statuses: readonly ErrorReply['status'][]): readonly ErrorReply[] {
  return kind === 'call' ? statuses.map((status) => ({ kind: 'error', at, status })) : []
}

function workPhrase({ at }: ErrorReply): string {
  return `${at.leg === 'request' ? 'before' : 'after'} the work`
}
