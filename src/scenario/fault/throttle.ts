// A 429 with Retry-After (RFC 6585, section 4), before the work: the callee is busy, nothing was done.
// Survives: waiting as long as the answer says, within a budget.
// Example: a client that retries at once and is throttled for ever.
import type { Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import type { FaultSpec } from './spec.ts'

export interface Throttle {
  readonly kind: 'throttle'
  readonly at: Address
  /** Sent as Retry-After, rounded up to whole seconds; in milliseconds. */
  readonly retryAfterMs: number
}

export const throttle: FaultSpec<Throttle> = {
  kind: 'throttle',
  fields: { retryAfterMs: { type: 'ms', target: 1_000, min: 0 } },
  values: (site) =>
    site.kind === 'call' && site.address.leg === 'request'
      ? [{ kind: 'throttle', at: site.address, retryAfterMs: 1_000 }]
      : [],
  rewrite: (delivery, { retryAfterMs }) => ({ ...delivery, answer: { status: 429, retryAfterMs } }),
  words: ({ retryAfterMs }) => `429, retry after ${durationWords(Math.ceil(retryAfterMs / 1_000) * 1_000)}`,
  phrase: ({ at, retryAfterMs }) => `answer 429 (retry after ${durationWords(retryAfterMs)}) to ${linkPhrase(at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}
