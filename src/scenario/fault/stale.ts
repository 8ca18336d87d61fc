// A read that a lagging replica answers: it sees the store as it was some writes ago, or some time ago. Reads in a
// transaction see the present. Survives: reading where one has written, or checking a version with the write. Example:
// the stock is read from the replica, and sold again.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { durationWords } from '../../plain/time.ts'
import { callPhrase } from './call-words.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Stale {
  readonly kind: 'stale'
  /** The read. */
  readonly at: Address
  /** How many committed writes it misses. */
  readonly writes?: number
  /** Else: how old what it sees is, in milliseconds. */
  readonly byMs?: number
}

/** What a claim may name of it. */
export interface StaleParts {
  /** How old what is read is at most; no longer counted in writes then. */
  readonly withinMs: number
}

export const stale: FaultSpec<Stale, StaleParts> = {
  kind: 'stale',
  needs: 'a read outside a transaction, after a write',
  times: 8,
  isOfEngine: true,
  parts: {
    withinMs: {
      type: 'bound',
      unit: 'ms',
      limited: ({ kind, at, byMs = Infinity }, most) => ({ kind, at, byMs: atMost(byMs, most) }),
    },
  },
  fields: {
    writes: { type: 'number', target: 1, min: 1, optional: true },
    byMs: { type: 'ms', target: 1, min: 1, optional: true },
  },
  values: (site) => stales(site, { writes: 1 }),
  rarer: (site) => stales(site, { writes: 3 }, { byMs: 1_000 }),
  lasting: ({ kind, at }, byMs) => ({ kind, at, byMs }),
  rewrite: (delivery, { writes, byMs }) => ({
    ...delivery,
    asOf: byMs === undefined ? { writes: writes ?? 1 } : { byMs },
  }),
  words: (fault) => `${fault.at.to} is read ${ageWords(fault)}`,
  phrase: (fault) => `let ${callPhrase(fault.at)} read ${fault.at.to} ${ageWords(fault)}`,
  milder(fault) {
    const writes = Math.trunc((fault.writes ?? 0) / 2)
    const younger: Stale =
      fault.byMs === undefined ? { ...fault, writes } : { ...fault, byMs: Math.trunc(fault.byMs / 2) }
    return (younger.byMs ?? writes) < 1 ? [] : [{ fault: younger, words: stale.words(younger) }]
  },
}

function stales({ engine, address: at }: Site, ...ages: readonly Omit<Stale, 'kind' | 'at'>[]): readonly Stale[] {
  return engine === 'stale' ? ages.map((age) => ({ kind: 'stale', at, ...age })) : []
}

function ageWords({ writes = 1, byMs }: Stale): string {
  return byMs === undefined
    ? `as it was ${writes === 1 ? 'a write' : `${writes} writes`} ago`
    : `as it was ${durationWords(byMs)} ago`
}
