// A node's process dies and comes back. On a request leg: its receiver before the work, its sender just after sending.
// On a reply leg: its sender between work and reply (the reply never leaves) or just after answering, its receiver as
// the reply arrives. On a store call: directly after it, between two effects. What it waited for never comes, no
// `finally` runs, memory is lost; registered stores stay. Calls it was working on go silent; while it is down,
// connections are refused. Survives: recording intent before acting, or passing one key downstream. Example: charged,
// not yet remembered; restarted; charged again.
import type { Address } from '../address.ts'
import type { FaultSpec } from './spec.ts'
import { durationWords } from '../../plain/time.ts'

export interface Crash {
  readonly kind: 'crash'
  readonly at: Address
  /** The node that crashes: one of the two ends of `at`. */
  readonly node: string
  /** When it starts again, in milliseconds of virtual time after the crash. Healing starts it at the latest. */
  readonly restartAfterMs: number
  /** Of a reply's sender: before the reply leaves, or just after. @default 'before' */
  readonly moment?: 'before' | 'after'
}

export const crash: FaultSpec<Crash> = {
  kind: 'crash',
  fields: {
    node: { type: 'node' },
    restartAfterMs: { type: 'ms', target: 1_000, min: 0 },
    moment: { type: 'choice', choices: ['before', 'after'], optional: true },
  },
  values(site) {
    if (site.kind === 'boot' || (site.kind === 'store' && !site.write)) return []
    return site.nodes.flatMap((node): Crash[] => {
      const crash: Crash = { kind: 'crash', at: site.address, node, restartAfterMs: 1_000 }
      return site.address.leg === 'reply' && node === site.address.to ? [crash, { ...crash, moment: 'after' }] : [crash]
    })
  },
  rewrite: (delivery, { node, restartAfterMs, moment }) => ({
    ...delivery,
    crashes: [...delivery.crashes, { node, restartAfterMs, ...(moment === 'after' ? { answered: true } : {}) }],
  }),
  words: (fault) => `${fault.node} crashes ${crashPoint(fault)}, restarts after ${durationWords(fault.restartAfterMs)}`,
}

function crashPoint({ node, at, moment }: Crash): string {
  if (at.leg === 'request') return node === at.to ? 'before the work' : `after sending ${at.operation}`
  if (node === at.to) return moment === 'after' ? 'just after it answers' : 'before it answers'
  return isHttp(at.operation) ? `as ${at.operation} is answered` : `after ${at.operation}`
}

function isHttp(operation: string): boolean {
  return /^[A-Z]+ \//.test(operation)
}
