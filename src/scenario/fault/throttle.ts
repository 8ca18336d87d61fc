// A 429 with Retry-After (RFC 6585, section 4), or a 503 with it (RFC 9110, section 10.2.3), before the work: the
// callee is busy, and nothing was done. Retry-After asks for a short or a long wait, in seconds or as a date. Survives:
// waiting as long as the answer says, within a budget. Example: a client that retries at once and is throttled for
// ever; a client that reads a date as a number.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { durationWords } from '../../plain/time.ts'
import { linkPhrase } from './call-words.ts'
import { delaysInstead } from './delay.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Throttle {
  readonly kind: 'throttle'
  readonly at: Address
  /** Sent as Retry-After, rounded up to whole seconds; in milliseconds. */
  readonly retryAfterMs: number
  /** @default 429 */
  readonly status?: 429 | 503
  /** How Retry-After is written. A date is correct by true time. @default 'seconds' */
  readonly form?: 'seconds' | 'date'
}

/** Longer than code waits if it ignores Retry-After. */
const longMs = 120_000

/** What a claim may name of it. */
export interface ThrottleParts {
  readonly form: NonNullable<Throttle['form']>
  /** The longest wait that is asked for. */
  readonly withinMs: number
}

export const throttle: FaultSpec<Throttle, ThrottleParts> = {
  kind: 'throttle',
  weight: 0.4,
  parts: {
    form: {
      type: 'choices',
      words: { seconds: 'in seconds', date: 'as a date' },
      of: ({ form = 'seconds' }) => form,
    },
    withinMs: {
      type: 'bound',
      unit: 'ms',
      limited: (fault, most) => ({ ...fault, retryAfterMs: atMost(fault.retryAfterMs, most) }),
    },
  },
  fields: {
    retryAfterMs: { type: 'ms', target: 1_000, min: 0 },
    status: { type: 'choice', choices: [429, 503], optional: true },
    form: { type: 'choice', choices: ['seconds', 'date'], optional: true },
  },
  values: (site) => throttles(site, { retryAfterMs: 1_000 }),
  /** Together with `values`, these cover every pair of length, status and form. */
  rarer: (site) =>
    throttles(
      site,
      { retryAfterMs: longMs },
      { retryAfterMs: longMs, form: 'date' },
      { retryAfterMs: longMs, status: 503 },
      { retryAfterMs: 1_000, status: 503, form: 'date' },
    ),
  lasting: (fault, retryAfterMs) => ({ ...fault, retryAfterMs }),
  rewrite: (delivery, { retryAfterMs, status = 429, form }) => ({
    ...delivery,
    answer: { status, retryAfterMs, ...(form === 'date' ? { dated: true } : {}) },
  }),
  words: (fault) => `${fault.status ?? 429}, retry ${patienceWords(fault)}`,
  phrase: (fault) => `answer ${fault.status ?? 429} (retry ${patienceWords(fault)}) to ${linkPhrase(fault.at)}`,
  milder: ({ at }, sites) => delaysInstead(at, sites),
}

function throttles(
  { kind, address: at }: Site,
  ...ways: readonly Omit<Throttle, 'kind' | 'at'>[]
): readonly Throttle[] {
  return kind === 'call' && at.leg === 'request' ? ways.map((way) => ({ kind: 'throttle', at, ...way })) : []
}

function patienceWords({ retryAfterMs, form }: Throttle): string {
  const long = durationWords(Math.ceil(retryAfterMs / 1_000) * 1_000)
  return form === 'date' ? `at the date ${long} later` : `after ${long}`
}
