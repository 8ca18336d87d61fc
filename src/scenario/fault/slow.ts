// A slow node: from when the leg at its address leaves, everything that its callee answers to anybody takes longer. The
// work is done in time, the answers are late: a full queue, a collector's pause, a neighbour that takes the processor.
// Lasts `forMs` or until healed. Survives: time limits with retries that are safe, a breaker, shedding load. Example:
// every attempt runs into its limit, and every one of them has been carried out.
import type { Address } from '../address.ts'
import type { FaultSpec } from './spec.ts'
import { durationWords } from '../../plain/time.ts'

export interface Slow {
  readonly kind: 'slow'
  /** The slow node is its callee: a node of the user's, or an outside host. */
  readonly at: Address
  /** How much longer each answer takes, in milliseconds of virtual time. */
  readonly byMs: number
  /** How long the node is slow, in milliseconds. Absent: until healed. */
  readonly forMs?: number
}

/** Where nobody limits the wait. */
const unboundedMs = 10_000

export const slow: FaultSpec<Slow> = {
  kind: 'slow',
  fields: { byMs: { type: 'ms', target: 1, min: 1 }, forMs: { type: 'ms', target: 1_000, min: 0, optional: true } },
  /** The first limit that waits for the call is missed, as often as it is tried. */
  values: (site) =>
    site.kind === 'call' && site.address.leg === 'request'
      ? [{ kind: 'slow', at: site.address, byMs: site.timersMs[0] ?? unboundedMs }]
      : [],
  rewrite: (delivery, { at, byMs, forMs }) => ({
    ...delivery,
    begins: [
      ...(delivery.begins ?? []),
      {
        from: { names: [at.to] },
        to: {},
        leg: 'reply',
        what: { kind: 'slower', byMs },
        ...(forMs === undefined ? {} : { forMs }),
      },
    ],
  }),
  words: ({ at, byMs, forMs }) =>
    `${at.to} answers ${durationWords(byMs)} later${forMs === undefined ? '' : `, for ${durationWords(forMs)}`}`,
}
