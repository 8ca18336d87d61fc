// Delay a message. A late request arrives after its own retry; a late reply comes when nobody waits.
// Messages are reordered by delaying one of them past the next on its link: reorder is no kind of its own.
// Survives: dedupe, conditional writes, versions.
// Example: the first attempt arrives after the second and overwrites what that one wrote.
import type { Address } from '../address.ts'
import type { FaultSpec } from './spec.ts'
import { durationWords } from '../../plain/time.ts'

export interface Delay {
  readonly kind: 'delay'
  readonly at: Address
  /** Added to the usual latency, in milliseconds of virtual time. */
  readonly byMs: number
}

/** Past a time limit by this much, the retry it caused has been answered. */
const pastRetryMs = 1_000
/**
 * Past the longest think time between two operations: what nobody waits for arrives after the next message on its link.
 */
const pastNextMs = 1_100

export const delay: FaultSpec<Delay> = {
  kind: 'delay',
  fields: { byMs: { type: 'ms', target: 1, min: 1 } },
  values(site) {
    if (site.kind !== 'call') return []
    const limits = site.timersMs.flatMap((ms) => [ms - site.latencyMs + 1, ms - site.latencyMs + pastRetryMs])
    const delays = [
      ...new Set([...limits.filter((ms) => ms > 0), 100, ...(site.timersMs.length === 0 ? [pastNextMs] : [])]),
    ]
    return delays.map((byMs) => ({ kind: 'delay', at: site.address, byMs }))
  },
  rewrite: (delivery, fault) => ({ ...delivery, delayMs: delivery.delayMs + fault.byMs }),
  words: (fault) => `${fault.at.leg} delayed by ${durationWords(fault.byMs)}`,
}
