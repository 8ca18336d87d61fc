// A node's process stops for a while and goes on as if nothing had happened: a long garbage collection, a suspended
// container, a frozen virtual machine. On a request leg: the receiver stops as the request comes in, the sender just
// after sending. On a reply leg: the sender stops with the reply not yet on the wire, the receiver as the reply comes
// in. On a store call, a read as well as a write: the caller stops after it, at the end of the stretch that made it,
// and acts later on what it read. What reaches the process meanwhile waits; its clocks go on, so that timers which came
// due fire at once when it goes on. `replaced`: it is taken for dead, and a new incarnation takes the requests; when
// the old one goes on it is a zombie, and two of them are alive. Two lives at once from the start need no fault:
// `serve(boot, { instances: 2 })`. Survives: fencing tokens, checked by what is written to. Example: the paused holder
// of an expired lease goes on and overwrites what the next holder wrote.
import { longestOutageMs, longestStandstillMs } from '../lengths.ts'
import type { Address } from '../address.ts'
import { isRead, type Site } from '../site.ts'
import { durationWords } from '../../plain/time.ts'
import { momentPhrase } from './call-words.ts'
import { atMost, type FaultSpec } from './spec.ts'

export interface Pause {
  readonly kind: 'pause'
  readonly at: Address
  /** The node that stops: one of the two ends of `at`. */
  readonly node: string
  /** When it goes on, in milliseconds of virtual time after it stopped. Healing lets it go on at the latest. */
  readonly forMs: number
  /** Whether a new incarnation takes its place at once. */
  readonly replaced: 'no' | 'yes'
}

/** Where no timer waits: longer than most leases and time limits. */
const usualMs = 10_000

/** What a claim may name of it. */
export interface PauseParts {
  readonly replaced: Pause['replaced']
  /** How long it lasts at most. */
  readonly withinMs: number
}

export const pause: FaultSpec<Pause, PauseParts> = {
  kind: 'pause',
  weight: 1.2,
  parts: {
    replaced: { type: 'choices', words: { no: 'not replaced', yes: 'replaced' }, of: ({ replaced }) => replaced },
    withinMs: { type: 'bound', unit: 'ms', limited: (fault, most) => ({ ...fault, forMs: atMost(fault.forMs, most) }) },
  },
  ownNode: ({ node }) => node,
  fields: {
    node: { type: 'node' },
    forMs: { type: 'ms', target: 1, min: 0 },
    replaced: { type: 'choice', choices: ['no', 'yes'] },
  },
  values: (site) => (site.kind === 'boot' || isRead(site) ? [] : pauses(site)),
  /** After a read; and just until the retry that the shortest timer causes is on its way. */
  rarer(site) {
    if (isRead(site)) return pauses(site)
    const [firstMs] = site.kind === 'call' ? site.timersMs : []
    if (firstMs === undefined || firstMs <= 0 || firstMs + 1 === lengthMs(site)) return []
    return site.nodes.map((node): Pause => ({
      kind: 'pause',
      at: site.address,
      node,
      forMs: firstMs + 1,
      replaced: 'no',
    }))
  },
  /** What stands still for longer than an outage lasts is taken for dead: the others go on. */
  lasting(fault, ms) {
    const forMs = Math.min(ms, longestStandstillMs)
    return { ...fault, forMs, replaced: forMs > longestOutageMs ? 'yes' : fault.replaced }
  },
  rewrite: (delivery, { node, forMs, replaced }) => ({
    ...delivery,
    pauses: [...delivery.pauses, { node, forMs, replaced: replaced === 'yes' }],
  }),
  words: ({ node, forMs, replaced }) =>
    `${node} pauses for ${durationWords(forMs)}${replaced === 'yes' ? ', is replaced' : ''}`,
  phrase: ({ at, node, forMs, replaced }) =>
    `pause ${node} ${momentPhrase(at, node)}, for ${durationWords(forMs)}` +
    (replaced === 'yes' ? '; a new incarnation takes its place' : ''),
  milder(fault) {
    const shorter = { ...fault, forMs: Math.trunc(fault.forMs / 2) }
    return [{ fault: shorter, words: pause.words(shorter) }]
  },
}

function lengthMs(site: Site): number {
  const longestMs = site.kind === 'call' ? site.timersMs.at(-1) : undefined
  return longestMs === undefined || longestMs <= 0 ? usualMs : 2 * longestMs
}

function pauses(site: Site): readonly Pause[] {
  const forMs = lengthMs(site)
  const ways = ['no', 'yes'] as const
  return site.nodes.flatMap((node) =>
    ways.map((replaced): Pause => ({ kind: 'pause', at: site.address, node, forMs, replaced })),
  )
}
