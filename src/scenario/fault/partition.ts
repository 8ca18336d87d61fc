// A partition: from when the leg at its address leaves, every leg that crosses between two sides is lost, both ways or
// one way. Without `other` the side is isolated from everybody else (Jepsen's `partition-node`). Neither end gets an
// error: both see silence. Stores are not cut off. It lasts `forMs` or until healed. Legs that left before it began
// still arrive; of a body in pieces, those that left. Survives: time limits, retries that go on after it with the same
// key, and never taking silence for a death. Example: the bank does all the work it is asked for, and none of its
// answers arrives for a minute.
import { longestOutageMs } from '../lengths.ts'
import type { Address } from '../address.ts'
import { durationWords } from '../../plain/time.ts'
import { legPhrase } from './call-words.ts'
import type { Condition } from './delivery.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Partition {
  readonly kind: 'partition'
  readonly at: Address
  /** One side: nodes, outside hosts, or `client` for every client. */
  readonly side: readonly string[]
  /** The other side. Absent: everybody who is not in `side`. */
  readonly other?: readonly string[]
  /** Which legs are lost: all between them, those that leave `side`, or those that would enter it. */
  readonly way: 'both' | 'out' | 'in'
  /** How long it lasts, in milliseconds of virtual time. Absent: until healed. */
  readonly forMs?: number
}

/** Where no timer waits: isolated for longer than most leases and time limits. */
const usualMs = 10_000

/** What a claim may name of it. */
export interface PartitionParts {
  readonly way: 'both' | 'one'
  /** Some nodes from others, or a node from everybody. */
  readonly cuts: 'link' | 'node'
  /** How long it lasts at most. */
  readonly withinMs: number
}

export const partition: FaultSpec<Partition, PartitionParts> = {
  kind: 'partition',
  weight: 0.6,
  parts: {
    way: {
      type: 'choices',
      words: { both: 'both ways', one: 'one way' },
      of: ({ way }) => (way === 'both' ? 'both' : 'one'),
    },
    cuts: {
      type: 'choices',
      words: { link: 'of a link', node: 'of a node' },
      of: ({ other }) => (other === undefined ? 'node' : 'link'),
    },
    withinMs: {
      type: 'bound',
      unit: 'ms',
      limited: (fault, most) => ({ ...fault, forMs: atMost(fault.forMs ?? Infinity, most) }),
    },
  },
  fields: {
    side: { type: 'nodes' },
    other: { type: 'nodes', optional: true },
    way: { type: 'choice', choices: ['both', 'out', 'in'] },
    forMs: { type: 'ms', target: 1_000, min: 0, optional: true },
  },
  /**
   * Before the work: both ways, or only the answers' way, so that the work is done each time. After the work: the
   * callee is isolated.
   */
  values({ kind, address: at, nodes }) {
    if (kind !== 'call' || at.from === at.to) return []
    const link = { kind: 'partition', at, side: [at.from], other: [at.to] } as const
    if (at.leg === 'request')
      return [
        { ...link, way: 'both' },
        { ...link, way: 'in' },
      ]
    return nodes.includes(at.to) ? [{ kind: 'partition', at, side: [at.to], way: 'both' }] : []
  },
  /** Either end is isolated while it asks or is asked, for longer than anybody waits for it, and comes back. */
  rarer(site) {
    const { address: at, nodes } = site
    if (site.kind !== 'call' || at.leg === 'reply' || at.from === at.to) return []
    const longestMs = site.timersMs.at(-1) ?? 0
    const forMs = Math.min(longestMs > 0 ? 2 * longestMs : usualMs, longestOutageMs)
    return nodes.map((node): Partition => ({ kind: 'partition', at, side: [node], way: 'both', forMs }))
  },
  lasting: (fault, ms) => ({ ...fault, forMs: Math.min(ms, longestOutageMs) }),
  rewrite: (delivery, fault) => ({ ...delivery, begins: [...(delivery.begins ?? []), ...conditionsOf(fault)] }),
  words: (fault) =>
    `${sidesWords(fault)}, ${fault.forMs === undefined ? 'until healed' : `for ${durationWords(fault.forMs)}`}`,
  phrase: (fault) => `${partition.words(fault)}, from ${legPhrase(fault.at)} on`,
  /** It ends by itself after a second; or only one way is cut. */
  milder(fault) {
    const forMs = fault.forMs === undefined || fault.forMs > 1_000 ? 1_000 : Math.trunc(fault.forMs / 2)
    const oneWay = fault.way === 'both' ? (['out', 'in'] as const).map((way) => ({ ...fault, way })) : []
    return [{ ...fault, forMs }, ...oneWay].map((milder) => ({ fault: milder, words: partition.words(milder) }))
  },
  strikesCaller: ({ at, side, other }) => other === undefined && side.includes(at.from),
  disturbsOnly: ({ side, other = [] }, node) => [side, other].some((names) => names.length === 1 && names[0] === node),
}

function conditionsOf({ side, other, way, forMs }: Partition): readonly Condition[] {
  const one = { names: side }
  const rest = other === undefined ? { names: side, others: true } : { names: other }
  const cut = { what: { kind: 'cut' }, ...(forMs === undefined ? {} : { forMs }) } as const
  return [
    ...(way === 'in' ? [] : [{ from: one, to: rest, ...cut }]),
    ...(way === 'out' ? [] : [{ from: rest, to: one, ...cut }]),
  ]
}

/** `shop cut off from bank`, `nothing of bank reaches shop`. */
function sidesWords({ side, other, way }: Partition): string {
  const one = side.join(', ')
  const rest = other === undefined ? 'all others' : other.join(', ')
  if (way === 'both') return `${one} cut off from ${rest}`
  return way === 'out' ? `nothing of ${one} reaches ${rest}` : `nothing of ${rest} reaches ${one}`
}
