// Deliver a request twice: overlapping with the first copy, or after the first was answered. The world does this where
// the sender delivers at least once (a provider, a queue, a client that retries, a double submit) and to idempotent
// requests (RFC 9110, section 9.2.2: a proxy may repeat those, and no others).
// Survives: a unique key in one transaction with the effect.
// Example: both copies of one webhook read "not seen yet".
import { longestOnTheWayMs } from '../lengths.ts'
import type { Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { legPhrase } from './call-words.ts'
import type { FaultSpec } from './spec.ts'

export interface Duplicate {
  readonly kind: 'duplicate'
  readonly at: Address
  /** The copy comes after the first copy's arrival (they overlap), or after the reply to it has left. */
  readonly after: 'request' | 'reply'
  /** How long after, in milliseconds of virtual time. */
  readonly gapMs: number
}

/** What a claim may name of it. */
export interface DuplicateParts {
  readonly after: Duplicate['after']
}

export const duplicate: FaultSpec<Duplicate, DuplicateParts> = {
  kind: 'duplicate',
  needs:
    'an operation with `retries` or `doubleSubmit`, a provider, a queue, or an idempotent method (GET, PUT, DELETE)',
  weight: 1.2,
  parts: {
    after: { type: 'choices', words: { request: 'overlapping', reply: 'after the reply' }, of: ({ after }) => after },
  },
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
  lasting: (fault, ms) => ({ ...fault, gapMs: Math.min(ms, longestOnTheWayMs) }),
  rewrite: (delivery, { after, gapMs }) => ({ ...delivery, copies: [...delivery.copies, { after, afterMs: gapMs }] }),
  words: ({ after }) => (after === 'request' ? 'duplicated, overlapping' : 'duplicated, after the reply'),
  phrase: (fault) => `deliver ${legPhrase(fault.at)}, twice: ${copyPhrase(fault)}`,
  milder(fault) {
    const others: readonly Duplicate[] = [
      { ...fault, after: 'reply', gapMs: Math.max(fault.gapMs, 10) },
      { ...fault, after: 'reply', gapMs: 1_000 },
      { ...fault, after: 'request', gapMs: 1_000 },
    ]
    return others
      .filter(({ after, gapMs }) => after !== fault.after || gapMs !== fault.gapMs)
      .map((other) => ({
        fault: other,
        words:
          `deliver the copy ${durationWords(other.gapMs)} after the ` + (other.after === 'reply' ? 'reply' : 'first'),
      }))
  },
}

function copyPhrase({ after, gapMs }: Duplicate): string {
  if (after === 'request')
    return `the copy ${gapMs === 0 ? 'together with' : `${durationWords(gapMs)} after`} the first (they overlap)`
  return `the copy ${gapMs === 0 ? 'right' : durationWords(gapMs)} after the reply to the first`
}
