// A timer clock (setTimeout, performance.now) runs fast or slow, for `forMs` or until healed. The drift of a client's
// clock begins at its start; that of a node's clock at its first boot, or when a request reaches it, since the rate of
// a clock changes when its machine is migrated or heats up. NTP keeps the wall clock of the machine true, so the two
// clocks move apart, and stay apart after healing. A crystal is off by up to 100 ppm. adjtimex(2) allows 10 %. Single
// faults try 10 %, so that the effect shows within seconds; shrinking then finds how little is enough. Survives: one
// clock for one duration, margins between two machines. Example: a lease that one node's timer grants and another
// node's clock trusts.
import { ownWords, type Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { callPhrase } from './call-words.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Drift {
  readonly kind: 'drift'
  /** The node's boot, or a request to it; or a client's start. */
  readonly at: Address
  /**
   * How much faster (positive) or slower its timer clock runs, in millionths; above -1,000,000, at which it would stand
   * still.
   */
  readonly ppm: number
  /** How long it drifts, in milliseconds of virtual time. Absent: until healed. */
  readonly forMs?: number
}

/** adjtimex(2): a tick may be set to 900,000 to 1,100,000 millionths. */
const mostPpm = 100_000

/** What a claim may name of it. */
export interface DriftParts {
  readonly direction: 'fast' | 'slow'
  /** How much faster or slower timers run at most, in millionths. */
  readonly withinPpm: number
}

export const drift: FaultSpec<Drift, DriftParts> = {
  kind: 'drift',
  parts: {
    direction: {
      type: 'choices',
      words: { fast: 'fast', slow: 'slow' },
      of: ({ ppm }) => (ppm < 0 ? 'slow' : 'fast'),
    },
    withinPpm: { type: 'bound', unit: 'ppm', limited: (fault, most) => ({ ...fault, ppm: atMost(fault.ppm, most) }) },
  },
  ownNode: ({ at }) => at.to,
  fields: {
    ppm: { type: 'number', target: 0, min: -900_000 },
    forMs: { type: 'ms', target: 1_000, min: 0, optional: true },
  },
  values({ kind, address: at, nodes }) {
    if (kind === 'store' || at.leg !== 'request' || !nodes.includes(at.to)) return []
    return [mostPpm, -mostPpm].map((ppm) => ({ kind: 'drift', at, ppm }))
  },
  rewrite: (delivery, { at, ppm, forMs }) => ({
    ...delivery,
    drifts: [...delivery.drifts, { node: at.to, ppm, ...(forMs === undefined ? {} : { forMs }) }],
  }),
  words({ at, ppm, forMs }) {
    const timers = at.operation === 'boot' ? ownWords(at, 'timers') : `${at.to}'s timers`
    const begins = at.operation === 'boot' ? '' : ' from here on'
    return `${timers} run ${driftWords(ppm)}${begins}${forMs === undefined ? '' : `, for ${durationWords(forMs)}`}`
  },
  phrase({ at, ppm, forMs }) {
    const long = forMs === undefined ? 'until healing' : `for ${durationWords(forMs)}`
    return at.operation === 'boot'
      ? `${ownWords(at, 'timers')} run ${driftWords(ppm)} ${long}`
      : `${at.to}'s timers run ${driftWords(ppm)} from when ${callPhrase(at)} arrives, ${long}`
  },
  milder(fault) {
    const smaller = { ...fault, ppm: Math.trunc(fault.ppm / 2) }
    return [{ fault: smaller, words: drift.words(smaller) }]
  },
  bootSuffices: true,
}

/** `10 % fast`, `100 ppm slow`. */
export function driftWords(ppm: number): string {
  const size = Math.abs(ppm)
  const amount = size < 10_000 ? `${Number(size.toFixed(3))} ppm` : `${Number((size / 10_000).toFixed(3))} %`
  return `${amount} ${ppm < 0 ? 'slow' : 'fast'}`
}
