// A slow node: from when the leg at its address leaves, everything that its callee answers to anybody takes longer. The
// work is done in time, the answers are late: a full queue, a collector's pause, a neighbour that takes the processor.
// It lasts `forMs` or until healed.
// Survives: time limits with retries that are safe, a breaker, shedding load.
// Example: every attempt runs into its limit, and every one of them has been carried out.
import { longestOutageMs } from '../lengths.ts'
import type { Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { legPhrase } from './call-words.ts'
import { justInTimeMs } from './delay.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Slow {
  readonly kind: 'slow'
  /** The slow node is its callee: a node of the user's, or an outside host. */
  readonly at: Address
  /** How much longer each answer takes, in milliseconds of virtual time. */
  readonly byMs: number
  /** How long the node is slow, in milliseconds. Absent: until healed. */
  readonly forMs?: number
}

/** Where nothing limits the wait. */
const unlimitedMs = 10_000

/** What a claim may name of it. */
export interface SlowParts {
  /** How much longer an answer takes at most. */
  readonly withinMs: number
}

export const slow: FaultSpec<Slow, SlowParts> = {
  kind: 'slow',
  weight: 0.4,
  parts: {
    withinMs: { type: 'bound', unit: 'ms', limited: (fault, most) => ({ ...fault, byMs: atMost(fault.byMs, most) }) },
  },
  fields: { byMs: { type: 'ms', target: 1, min: 1 }, forMs: { type: 'ms', target: 1_000, min: 0, optional: true } },
  /** The first limit that waits for the call is missed, however often the caller tries. */
  values: (site) =>
    site.kind === 'call' && site.address.leg === 'request'
      ? [{ kind: 'slow', at: site.address, byMs: site.timersMs[0] ?? unlimitedMs }]
      : [],
  /** Every answer still comes in time, and the next attempt has little time left. */
  rarer: (site) =>
    site.address.leg === 'request'
      ? justInTimeMs(site).map((byMs): Slow => ({ kind: 'slow', at: site.address, byMs }))
      : [],
  lasting: (fault, ms) => ({ ...fault, forMs: Math.min(ms, longestOutageMs) }),
  rewrite(delivery, { at, byMs, forMs }) {
    const answersLater = {
      from: { names: [at.to] },
      to: {},
      leg: 'reply',
      what: { kind: 'slower', byMs },
      ...(forMs === undefined ? {} : { forMs }),
    } as const
    return { ...delivery, begins: [...(delivery.begins ?? []), answersLater] }
  },
  words: ({ at, byMs, forMs }) =>
    `${at.to} answers ${durationWords(byMs)} later${forMs === undefined ? '' : `, for ${durationWords(forMs)}`}`,
  phrase: (fault) => `${slow.words(fault)}, from ${legPhrase(fault.at)} on`,
  milder(fault) {
    const lighter = { ...fault, byMs: Math.max(1, Math.trunc(fault.byMs / 2)) }
    return [{ fault: lighter, words: slow.words(lighter) }]
  },
  disturbsOnly: ({ at }, node) => at.to === node,
}
