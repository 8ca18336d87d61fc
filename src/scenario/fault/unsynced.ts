// A commit that was not on the disk yet as power is lost: somewhat later the processes that use the store die, and it
// comes back without this commit and all later ones. A database of SQLite in a file may do so with `journal_mode=wal`
// and `synchronous=normal` (https://sqlite.org/pragma.html#pragma_synchronous). Survives: `synchronous=full`; asking
// those who were told of the write again. Example: an order is confirmed, and its row was never on the disk. A server
// that is a node of its own, such as Redis, dies alone.
import type { Address } from '../address.ts'
import type { Site } from '../site.ts'
import { durationWords } from '../../plain/time.ts'
import { callPhrase } from './call-words.ts'
import { longestOutageMs } from '../lengths.ts'
import type { AnyFault, FaultSpec } from './spec.ts'

export interface Unsynced {
  readonly kind: 'unsynced'
  /** The first commit that is lost. */
  readonly at: Address
  /** Who committed, and dies with whoever else uses the store; where the store is a node of its own, that alone. */
  readonly node: string
  /** How long after it power is lost, in milliseconds of virtual time. A second later, all start again. */
  readonly afterMs: number
}

/** Until its caller has heard of it. */
const usualMs = 100

export const unsynced: FaultSpec<Unsynced> = {
  kind: 'unsynced',
  needs: 'a commit to such a store',
  weight: 0.4,
  isOfEngine: true,
  leftOutWith: 'crash',
  ownNode: ({ node }) => node,
  fields: { node: { type: 'node' }, afterMs: { type: 'ms', target: 1, min: 0 } },
  values: ({ kind, engine, address: at, nodes }: Site): readonly Unsynced[] =>
    engine === 'unsynced'
      ? nodes
          .filter((node) => kind === 'store' || node === at.to)
          .map((node) => ({ kind: 'unsynced', at, node, afterMs: usualMs }))
      : [],
  lasting: (fault, ms) => ({ ...fault, afterMs: Math.min(ms, longestOutageMs) }),
  rewrite: (delivery, { afterMs }) => ({ ...delivery, powerLost: { afterMs, restartAfterMs: 1_000 } }),
  words: (fault) => `not yet on the disk as power is lost ${durationWords(fault.afterMs)} later`,
  phrase: (fault) =>
    `lose power ${durationWords(fault.afterMs)} after ${callPhrase(fault.at)}, which was not on the disk of ` +
    fault.at.to,
  milder: ({ at, node }) => [
    { fault: { kind: 'crash', at, node, restartAfterMs: 1_000 } as AnyFault, words: `a crash of ${node} alone` },
  ],
}
