// A node's wall clock is wrong from its first boot on, by a constant. Its timers run true.
// Survives: versions and logical clocks instead of timestamps; margins on expiry.
// Example: the newer write carries the older timestamp, and last-write-wins drops it.
import { bootedName, type Address } from '../address.ts'
import type { FaultSpec } from './spec.ts'
import { durationWords } from '../../plain/time.ts'

export interface Skew {
  readonly kind: 'skew'
  /** The node's boot. */
  readonly at: Address
  /** Ahead of true time (positive) or behind it, in milliseconds. */
  readonly byMs: number
}

export const skew: FaultSpec<Skew> = {
  kind: 'skew',
  fields: { byMs: { type: 'ms', target: 0 } },
  values: (site) =>
    site.kind === 'boot' ? [60_000, -60_000].map((byMs) => ({ kind: 'skew', at: site.address, byMs })) : [],
  rewrite: (delivery, { at, byMs }) => ({ ...delivery, jumps: [...delivery.jumps, { node: at.to, byMs }] }),
  words: (fault) =>
    `${bootedName(fault.at)}'s clock is ${durationWords(fault.byMs)} ${fault.byMs < 0 ? 'slow' : 'fast'}`,
}
