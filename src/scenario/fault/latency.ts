// A slow link: from when the leg at its address leaves, each leg between its two ends takes a time of its own; most
// take a little longer, one in a hundred takes very long. Messages overtake each other. Or the link is narrow: a head
// comes as usual, and its body so many bytes a second, each for itself. It lasts `forMs` or until healed. Times follow
// a log-logistic distribution and are drawn by the fault's address and the leg's name: no leg's time depends on
// another's.
// Survives: time limits that fit the tail and not the median, hedged requests that are safe to repeat; pages, and
// limits on silence in place of one on the whole of a large body.
// Examples: a retry after the median overtakes the first attempt, which takes effect eight seconds later; an export
// that takes longer than its limit as often as it is tried again.
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
  /** How many bytes of a body it carries in a second. @default no limit */
  readonly bytesPerSecond?: number
}

/** As many as over the mobile network of a train (EDGE), or from a disk that others use. */
const fewBytes = 20_000

/** What a claim may name of it. */
export interface LatencyParts {
  /** What takes long: each message, or each byte of a body. */
  readonly of: 'messages' | 'bytes'
  /** How long 99 % of the legs take at most. */
  readonly withinMs: number
}

export const latency: FaultSpec<Latency, LatencyParts> = {
  kind: 'latency',
  weight: 0.4,
  parts: {
    of: {
      type: 'choices',
      words: { messages: 'of messages', bytes: 'of bytes' },
      of: ({ bytesPerSecond }) => (bytesPerSecond === undefined ? 'messages' : 'bytes'),
    },
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
    bytesPerSecond: { type: 'number', target: 1_000_000, min: 1, optional: true },
  },
  values: ({ kind, address }) =>
    kind === 'call' && address.leg === 'request'
      ? [{ kind: 'latency', at: address, typicalMs: 50, tailMs: 8_000 }]
      : [],
  /** From a body on that takes a second and more. */
  rarer: (site) =>
    site.kind === 'call' && (site.bodyBytes ?? 0) >= fewBytes
      ? [
          {
            kind: 'latency',
            at: site.address,
            typicalMs: site.latencyMs,
            tailMs: site.latencyMs,
            bytesPerSecond: fewBytes,
          },
        ]
      : [],
  lasting: (fault, ms) => ({ ...fault, forMs: Math.min(ms, longestOutageMs) }),
  rewrite(delivery, { at, typicalMs, tailMs, forMs, bytesPerSecond }) {
    const lasting = {
      what: {
        kind: 'latency',
        typicalMs,
        tailMs,
        key: addressId(at),
        ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
      },
      ...(forMs === undefined ? {} : { forMs }),
    } as const
    const [caller, callee] = [{ names: [at.from] }, { names: [at.to] }]
    const there = { from: caller, to: callee }
    const back = { from: callee, to: caller }
    const ways = at.from === at.to ? [there] : [there, back]
    return { ...delivery, begins: [...(delivery.begins ?? []), ...ways.map((way) => ({ ...way, ...lasting }))] }
  },
  words: ({ at, typicalMs, tailMs, forMs, bytesPerSecond }) =>
    `${at.from} <-> ${at.to} ` +
    (bytesPerSecond === undefined
      ? `takes ${durationWords(typicalMs)}, at p99 ${durationWords(tailMs)}`
      : `carries ${Math.ceil(bytesPerSecond)} bytes a second`) +
    (forMs === undefined ? '' : `, for ${durationWords(forMs)}`),
  phrase: (fault) => `${latency.words(fault)}, from ${legPhrase(fault.at)} on`,
  milder({ bytesPerSecond, ...fault }) {
    const milder =
      bytesPerSecond === undefined
        ? { ...fault, tailMs: fault.typicalMs }
        : { ...fault, bytesPerSecond: 2 * bytesPerSecond }
    return [{ fault: milder, words: latency.words(milder) }]
  },
}
