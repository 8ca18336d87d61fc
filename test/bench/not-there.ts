// Why a kind of fault does not apply to a store or a queue of kept-systems.ts: a reason for each cell that conformance
// leaves out.
import type { FaultKind } from '../../src/scenario/fault/registry.ts'
import { queueSystems } from './kept-systems.ts'

const queues = Object.keys(queueSystems)

interface Reason {
  readonly of: readonly string[]
  readonly why: string
}

const reasons: Partial<Record<FaultKind, readonly Reason[]>> = {
  garble: [
    { of: ['Cloudflare Queues', 'deliveries'], why: 'its calls carry values, and no bytes' },
    { of: ['cron'], why: 'the answers of its archive have no body' },
  ],
  trickle: [{ of: ['deliveries'], why: 'its calls carry values, and no bytes' }],
  close: [
    {
      of: ['node:sqlite', 'node:sqlite, a file', 'better-sqlite3', 'a Map'],
      why: 'its calls go over no network',
    },
    { of: ['PGlite', 'instrument'], why: 'it is called in the process, as a driver without a pool of connections' },
    {
      of: queues.filter((name) => name !== 'sqs-consumer'),
      why: 'no call goes over a connection that another one has used',
    },
  ],
  leave: [
    {
      of: ['SQS by its SDK', 'sqs-consumer', 'SQS and Lambda', 'deliveries'],
      why: 'its client is a queue or a provider, which does not go away',
    },
    { of: ['cron'], why: 'its client waits for nobody' },
  ],
  readonly: [
    { of: ['a Map'], why: 'a Map has no disk that fills' },
    { of: ['instrument'], why: 'what its engine throws is unknown' },
    { of: queues, why: 'a broker has no such state: error and throttle refuse a message' },
  ],
  stale: [
    { of: ['node:sqlite, a file'], why: 'no replica is declared for it' },
    { of: ['instrument'], why: 'its content is unknown' },
    { of: queues, why: 'a queue has no copies that are read' },
  ],
  unsynced: [
    { of: ['node:sqlite', 'better-sqlite3'], why: 'what is in memory is never on a disk' },
    { of: ['a Map'], why: 'a Map has no disk' },
    { of: ['D1'], why: 'Cloudflare confirms a write once it is stored' },
    { of: ['PGlite', 'pg and PGlite'], why: 'its log is on the disk with each commit, as it is set by default' },
    { of: ['instrument'], why: 'its content is unknown' },
    { of: queues, why: 'a broker confirms a message once it is stored' },
  ],
}

/** The reason; undefined where the kind applies. */
export function whyNot(name: string, kind: FaultKind): string | undefined {
  return reasons[kind]?.find(({ of }) => of.includes(name))?.why
}
