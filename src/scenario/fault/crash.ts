// A node's process dies and starts again. On a request leg: the receiver dies before the work, the sender just after
// sending. On a reply leg: the sender dies between work and reply (the reply never leaves) or just after answering, the
// receiver as the reply arrives. On a store call: the caller dies directly after it, between two effects. What the
// process waited for never comes, no `finally` runs, its memory is lost; registered stores stay. The calls it was
// working on get no answer; while it is down, connections are refused. One of several instances may also die for good.
// Survives: recording the intent before acting, or passing one key downstream; leases that others take over.
// Example: it charged and did not remember the charge yet; after the restart it charges again.
import type { Address } from '../address.ts'
import { addressId } from '../address-text.ts'
import type { Site } from '../site.ts'
import { durationWords } from '../../plain/time.ts'
import { isRequestLine, momentPhrase } from './call-words.ts'
import { longestOutageMs } from '../lengths.ts'
import type { FaultSpec } from './spec.ts'

export interface Crash {
  readonly kind: 'crash'
  readonly at: Address
  /** The node that crashes: one of the two ends of `at`. */
  readonly node: string
  /** When it starts again, in milliseconds of virtual time after the crash. Healing starts it at the latest. */
  readonly restartAfterMs: number
  /** Of a reply's sender: before the reply leaves, or just after. @default 'before' */
  readonly moment?: 'before' | 'after'
  /**
   * It never starts again, not even when all heals: other instances of the node go on. Where it is the last one, it
   * starts again as usual.
   *
   * @default 'no'
   */
  readonly forGood?: 'no' | 'yes'
}

/** What a claim may name of it. */
export interface CrashParts {
  /** Of what the node was asked to do: before it, between two of its steps, or about its answer. */
  readonly point: 'before work' | 'between steps' | 'at the answer'
  readonly forGood: 'no' | 'yes'
}

export const crash: FaultSpec<Crash, CrashParts> = {
  kind: 'crash',
  parts: {
    point: {
      type: 'choices',
      words: {
        'before work': 'before the work',
        'between steps': 'between two steps of the work',
        'at the answer': 'at the answer',
      },
      of: ({ at, node }) => (node !== at.to ? 'between steps' : at.leg === 'request' ? 'before work' : 'at the answer'),
    },
    forGood: {
      type: 'choices',
      words: { no: 'with a restart', yes: 'for good' },
      of: ({ forGood = 'no' }) => forGood,
    },
  },
  ownNode: ({ node }) => node,
  fields: {
    node: { type: 'node' },
    restartAfterMs: { type: 'ms', target: 1_000, min: 0 },
    moment: { type: 'choice', choices: ['before', 'after'], optional: true },
    forGood: { type: 'choice', choices: ['no', 'yes'], optional: true },
  },
  values(site) {
    if (site.kind === 'boot' || (site.kind === 'store' && !site.write)) return []
    return site.nodes.flatMap((node): Crash[] => {
      const crash: Crash = { kind: 'crash', at: site.address, node, restartAfterMs: 1_000 }
      return site.address.leg === 'reply' && node === site.address.to ? [crash, { ...crash, moment: 'after' }] : [crash]
    })
  },
  lasting: (fault, ms) =>
    fault.forGood === 'yes' ? fault : { ...fault, restartAfterMs: Math.min(ms, longestOutageMs) },
  /** Where another instance goes on, one may stay down. */
  rarer: (site) =>
    site.kind === 'boot'
      ? []
      : crash
          .values(site)
          .filter(({ node, moment }) => moment === undefined && site.replicated?.includes(node) === true)
          .map((fault) => ({ ...fault, forGood: 'yes' })),
  rewrite: (delivery, { node, restartAfterMs, moment, forGood }) => ({
    ...delivery,
    crashes: [
      ...delivery.crashes,
      {
        node,
        restartAfterMs,
        ...(moment === 'after' ? { answered: true } : {}),
        ...(forGood === 'yes' ? { forGood: true } : {}),
      },
    ],
  }),
  words: (fault) =>
    fault.forGood === 'yes'
      ? `${fault.node} dies for good ${crashPoint(fault)}`
      : `${fault.node} crashes ${crashPoint(fault)}, restarts after ${durationWords(fault.restartAfterMs)}`,
  phrase: ({ at, node, restartAfterMs, moment, forGood }) =>
    forGood === 'yes'
      ? `let one instance of ${node} die for good ${momentPhrase(at, node, moment)}`
      : `crash ${node} ${momentPhrase(at, node, moment)}, restart after ${durationWords(restartAfterMs)}`,
  milder(fault, sites) {
    const { forGood, ...restarting } = fault
    const beside = momentsBeside(fault, sites).map((at) => {
      const moved = { ...fault, at }
      return { fault: moved, words: `${crash.words(moved)} (${at.from} -> ${at.to})` }
    })
    return forGood === 'yes' ? [{ fault: restarting, words: crash.words(restarting) }, ...beside] : beside
  },
}

function crashPoint({ node, at, moment }: Crash): string {
  if (at.leg === 'request') return node === at.to ? 'before the work' : `after sending ${at.operation}`
  if (node === at.to) return moment === 'after' ? 'just after it answers' : 'before it answers'
  return isRequestLine(at.operation) ? `as ${at.operation} is answered` : `after ${at.operation}`
}

/** Where the same node could crash just before, or just after. */
function momentsBeside(fault: Crash, sites: readonly Site[]): readonly Address[] {
  const moments = sites
    .filter((site) => crash.values(site).some(({ node }) => node === fault.node))
    .map(({ address }) => address)
  const id = addressId(fault.at)
  const place = moments.findIndex((at) => addressId(at) === id)
  const before = place > 0 ? moments.slice(place - 1, place) : []
  const after = place < 0 ? [] : moments.slice(place + 1, place + 2)
  return [...before, ...after]
}
