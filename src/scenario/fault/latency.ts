// A slow link with a tail: from when the leg at its address leaves, each leg between its two ends takes a time of its
// own; most take a little longer, one in a hundred takes very long. Messages overtake each other. It lasts `forMs` or
// until healed. Times follow a log-logistic distribution and are drawn by the fault's address and the leg's name: no
// leg's time depends on another's.
// Survives: time limits that fit the tail and not the median, hedged requests that are safe to repeat.
// Example: a retry after the median overtakes the first attempt, which takes effect eight seconds later.
import { longestOutageMs } from '../lengths.ts'
import type { Address } from '../address.ts'
import { addressId } from '../address-text.ts'
import { durationWords } from '../../plain/time.ts'
import { legPhrase } from './call-words.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Latency {
  readonly kind: 'latency'
  /** The link: its two ends, in both directions. */
  readonly at: Address
  /** How long half of the legs take at most, in milliseconds of virtual time, in place of the usual latency. */
  readonly typicalMs: number
  /** How long 99 % of the legs take at most, in milliseconds. */
  readonly tailMs: number
  /** How long it lasts, in milliseconds. Absent: until healed. */
  readonly forMs?: number
}

/** What a claim may name of it. */
export interface LatencyParts {
  /** How long 99 % of the legs take at most. */
  readonly withinMs: number
}

export const latency: FaultSpec<Latency, LatencyParts> = {
  kind: 'latency',
  weight: 0.4,
  parts: {
    withinMs: {
      type: 'bound',
      unit: 'ms',
      limited: (fault, most) => ({
        ...fault,
        typicalMs: atMost(fault.typicalMs, most),
        tailMs: atMost(fault.tailMs, most),
      }),
    },
  },
  fields: {
    typicalMs: { type: 'ms', target: 20, min: 1 },
    tailMs: { type: 'ms', target: 20, min: 1 },
    forMs: { type: 'ms', target: 1_000, min: 0, optional: true },
  },
  values: ({ kind, address }) =>
    kind === 'call' && address.leg === 'request'
      ? [{ kind: 'latency', at: address, typicalMs: 50, tailMs: 8_000 }]
      : [],
  lasting: (fault, ms) => ({ ...fault, forMs: Math.min(ms, longestOutageMs) }),
  rewrite(delivery, { at, typicalMs, tailMs, forMs }) {
    const lasting = {
      what: { kind: 'latency', typicalMs, tailMs, key: addressId(at) },
      ...(forMs === undefined ? {} : { forMs }),
    } as const
    const [caller, callee] = [{ names: [at.from] }, { names: [at.to] }]
    const there = { from: caller, to: callee }
    const back = { from: callee, to: caller }
    const ways = at.from === at.to ? [there] : [there, back]
    return { ...delivery, begins: [...(delivery.begins ?? []), ...ways.map((way) => ({ ...way, ...lasting }))] }
  },
  words: ({ at, typicalMs, tailMs, forMs }) =>
    `${at.from} <-> ${at.to} takes ${durationWords(typicalMs)}, at p99 ` +
    `${durationWords(tailMs)}${forMs === undefined ? '' : `, for ${durationWords(forMs)}`}`,
  phrase: (fault) => `${latency.words(fault)}, from ${legPhrase(fault.at)} on`,
  milder(fault) {
    const tailless = { ...fault, tailMs: fault.typicalMs }
    return [{ fault: tailless, words: latency.words(tailless) }]
  },
}
