// A node's process dies and starts again. On a request leg: the receiver dies before the work, the sender just after
// sending. On a reply leg: the sender dies between work and reply (the reply never leaves) or just after answering, the
// receiver as the reply arrives. On a store call: the caller dies directly after it, between two effects. What the
// process waited for never comes, no `finally` runs, its memory is lost; registered stores stay. The calls it was
// working on get no answer; while it is down, connections are refused. One of several instances may also die for good.
// Survives: recording the intent before acting, or passing one key downstream; leases that others take over.
// Example: it charged and did not remember the charge yet; after the restart it charges again.
import type { Address } from '../address.ts'
import { addressId } from '../address-text.ts'
import { isRead, type Site } from '../site.ts'
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
  /**
   * `power loss`: the whole machine stops, and who waits for it hears nothing. `exit`: the process alone ends, as by a
   * kill or for want of memory, and its system resets its connections at once.
   *
   * @default 'power loss'
   */
  readonly how?: 'power loss' | 'exit'
}

/** What a claim may name of it. */
export interface CrashParts {
  /** Of what the node was asked to do: before it, between two of its steps, or about its answer. */
  readonly point: 'before work' | 'between steps' | 'at the answer'
  readonly forGood: 'no' | 'yes'
  readonly how: 'power loss' | 'exit'
}

export const crash: FaultSpec<Crash, CrashParts> = {
  kind: 'crash',
  weight: 1.8,
  interrupts: true,
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
    how: {
      type: 'choices',
      words: { 'power loss': 'by the loss of its machine', exit: 'by the end of its process' },
      of: ({ how = 'power loss' }) => how,
    },
  },
  ownNode: ({ node }) => node,
  fields: {
    node: { type: 'node' },
    restartAfterMs: { type: 'ms', target: 1_000, min: 0 },
    moment: { type: 'choice', choices: ['before', 'after'], optional: true },
    forGood: { type: 'choice', choices: ['no', 'yes'], optional: true },
    how: { type: 'choice', choices: ['power loss', 'exit'], optional: true },
  },
  /** Not after a read: nothing was done since whatever came before it, so that it would be a crash then. */
  values(site) {
    if (site.kind === 'boot' || isRead(site)) return []
    return site.nodes.flatMap((node): Crash[] => {
      const crash: Crash = { kind: 'crash', at: site.address, node, restartAfterMs: 1_000 }
      return site.address.leg === 'reply' && node === site.address.to ? [crash, { ...crash, moment: 'after' }] : [crash]
    })
  },
  lasting: (fault, ms) =>
    fault.forGood === 'yes' ? fault : { ...fault, restartAfterMs: Math.min(ms, longestOutageMs) },
  /** The work is done, and its caller hears of the end at once. Where another instance goes on, one may stay down. */
  rarer: (site) =>
    crash.values(site).flatMap((fault): readonly Crash[] => {
      const isDone = fault.at.leg === 'reply' && fault.node === fault.at.to
      if (site.kind === 'boot' || fault.moment !== undefined) return []
      const staysDown = site.replicated?.includes(fault.node) === true
      return [
        ...(isDone ? [{ ...fault, how: 'exit' } as const] : []),
        ...(staysDown ? [{ ...fault, forGood: 'yes' } as const] : []),
      ]
    }),
  rewrite: (delivery, { node, restartAfterMs, moment, forGood, how }) => ({
    ...delivery,
    crashes: [
      ...delivery.crashes,
      {
        node,
        restartAfterMs,
        ...(moment === 'after' ? { answered: true } : {}),
        ...(forGood === 'yes' ? { forGood: true } : {}),
        ...(how === 'exit' ? { hangsUp: true } : {}),
      },
    ],
  }),
  words: (fault) =>
    fault.forGood === 'yes'
      ? `${fault.node} dies for good ${crashPoint(fault)}`
      : `${fault.node} ${verbOf(fault)} ${crashPoint(fault)}, restarts after ${durationWords(fault.restartAfterMs)}`,
  phrase: ({ at, node, restartAfterMs, moment, forGood, how }) =>
    forGood === 'yes'
      ? `let one instance of ${node} die for good ${momentPhrase(at, node, moment)}`
      : `${how === 'exit' ? 'kill' : 'crash'} ${node} ${momentPhrase(at, node, moment)}, restart after ` +
        durationWords(restartAfterMs),
  milder(fault, sites) {
    const { forGood, how, ...restarting } = fault
    const beside = momentsBeside(fault, sites).map((at) => {
      const moved = { ...fault, at }
      return { fault: moved, words: `${crash.words(moved)} (${at.from} -> ${at.to})` }
    })
    const plain = { fault: restarting, words: crash.words(restarting) }
    return forGood === 'yes' || how === 'exit' ? [plain, ...beside] : beside
  },
}

function verbOf({ how }: Crash): string {
  return how === 'exit' ? 'is killed (its connections are reset)' : 'crashes'
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
