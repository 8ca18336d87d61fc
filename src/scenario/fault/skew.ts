// A wall clock is wrong by a constant: a node's from its first boot, a client's from its start. Timers are not
// affected. Survives: versions and logical clocks instead of timestamps; margins on expiry. Example: the newer write
// carries the older timestamp, and last-write-wins drops it.
import { ownWords, type Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Skew {
  readonly kind: 'skew'
  /** The node's boot, or a client's start. */
  readonly at: Address
  /** Ahead of true time (positive) or behind it, in milliseconds. */
  readonly byMs: number
}

/** What a claim may name of it. */
export interface SkewParts {
  readonly direction: 'fast' | 'slow'
  /** How wrong a clock is at most. */
  readonly withinMs: number
}

export const skew: FaultSpec<Skew, SkewParts> = {
  kind: 'skew',
  times: 8,
  parts: {
    direction: {
      type: 'choices',
      words: { fast: 'fast', slow: 'slow' },
      of: ({ byMs }) => (byMs < 0 ? 'slow' : 'fast'),
    },
    withinMs: { type: 'bound', unit: 'ms', limited: (fault, most) => ({ ...fault, byMs: atMost(fault.byMs, most) }) },
  },
  ownNode: ({ at }) => at.to,
  fields: { byMs: { type: 'ms', target: 0 } },
  values: (site) =>
    site.kind === 'boot' ? [60_000, -60_000].map((byMs) => ({ kind: 'skew', at: site.address, byMs })) : [],
  lasting: (fault, ms) => ({ ...fault, byMs: Math.sign(fault.byMs) * ms }),
  rewrite: (delivery, { at, byMs }) => ({ ...delivery, jumps: [...delivery.jumps, { node: at.to, byMs }] }),
  words: ({ at, byMs }) => `${ownWords(at, 'clock')} is ${durationWords(byMs)} ${byMs < 0 ? 'slow' : 'fast'}`,
  phrase: (fault) => `${skew.words(fault)} from its start`,
  milder(fault) {
    const smaller = { ...fault, byMs: Math.trunc(fault.byMs / 2) }
    return [{ fault: smaller, words: skew.words(smaller) }]
  },
}
