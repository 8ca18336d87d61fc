// A node's wall clock steps as a request reaches it: NTP sets it back, or forward after a suspend. Its timers do not
// notice.
// Survives: the monotonic clock for durations, ids that guard against a clock that goes back.
// Example: the clock steps back during a lease, and an expired lease is still held.
import type { Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { momentPhrase } from './call-words.ts'
import type { FaultSpec } from './spec.ts'

export interface Jump {
  readonly kind: 'jump'
  readonly at: Address
  /** The node whose clock steps: one of the two ends of `at`. */
  readonly node: string
  /** Forward (positive) or back, in milliseconds. */
  readonly byMs: number
}

export const jump: FaultSpec<Jump> = {
  kind: 'jump',
  fields: { node: { type: 'node' }, byMs: { type: 'ms', target: 0 } },
  values({ kind, address, nodes }) {
    if (kind !== 'call' || address.leg !== 'request' || !nodes.includes(address.to)) return []
    return [-10_000, 3_600_000].map((byMs) => ({ kind: 'jump', at: address, node: address.to, byMs }))
  },
  rewrite: (delivery, { node, byMs }) => ({ ...delivery, jumps: [...delivery.jumps, { node, byMs }] }),
  words: ({ node, byMs }) => `${node}'s clock jumps ${durationWords(byMs)} ${byMs < 0 ? 'back' : 'forward'}`,
  phrase: ({ at, node, byMs }) =>
    `set ${node}'s clock ${durationWords(byMs)} ${byMs < 0 ? 'back' : 'forward'} ${momentPhrase(at, node)}`,
  milder(fault) {
    const smaller = { ...fault, byMs: Math.trunc(fault.byMs / 2) }
    return [{ fault: smaller, words: jump.words(smaller) }]
  },
}
