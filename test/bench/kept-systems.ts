// A sound system on each store and on each queue, by name: what is measured of them all. Each is made when it is asked
// for, since to start an embedded database takes seconds.
import * as fc from 'fast-check'
import { atMostOnce, exactlyOnce, map, op, rows, serve, type System } from '../../src/index.ts'
import { cron, deliveries } from '../../src/queues.ts'
import { shop as relaying, storesBoth } from '../../examples/outbox.ts'
import { knows, shop as bought } from '../queue/cloudflare-worlds.ts'
import { booking, puts, set } from '../queue/kafka-worlds.ts'
import { careful, consuming, inOrder, invoked, polling, reportsOne, setsAside } from '../queue/sqs-worlds.ts'
import {
  overBetterSqlite,
  overD1,
  overDriver,
  overMap,
  overNodeSqlite,
  overPglite,
  overPostgres,
  overPostgresServer,
  overRedis,
  overSqliteFile,
} from './store-systems.ts'

type Make = () => System | Promise<System>

export const storeSystems: Readonly<Record<string, Make>> = {
  'node:sqlite': overNodeSqlite,
  'node:sqlite, a file': overSqliteFile,
  'better-sqlite3': overBetterSqlite,
  'a Map': overMap,
  D1: overD1,
  PGlite: overPglite,
  'pg and PGlite': overPostgres,
  'pg and a server': overPostgresServer,
  'ioredis and Redis': overRedis,
  instrument: overDriver,
}

export const queueSystems: Readonly<Record<string, Make>> = {
  'SQS by its SDK': () => polling(careful),
  'sqs-consumer': () => consuming(careful),
  'SQS and Lambda': () => invoked(reportsOne),
  'SQS in order and Lambda': () => inOrder(setsAside),
  'Cloudflare Queues': () => bought(knows, { waits: true }),
  Kafka: () => booking(puts, { idempotent: true, entries: set }),
  outbox: () => relaying(storesBoth),
  cron: reporting,
  deliveries: crediting,
}

/** A report for each slot of ten minutes, which an archive keeps once. */
function reporting(): System {
  const reports = new Map<string, string>()
  const report = rows('report', () => [...reports.keys()])
  const watch = op('watch', fc.constant(31), (minutes) => new Promise((done) => setTimeout(done, minutes * 60_000)))
  const make = async (slot: Date): Promise<void> => {
    await fetch('http://archive/', { method: 'PUT', body: slot.toISOString() }).catch(() => undefined)
  }
  const keep = async (request: Request): Promise<Response> => {
    reports.set(await request.text(), 'made')
    return new Response()
  }
  return {
    nodes: { reports: cron('*/10 * * * *', () => make, { instances: 2 }), archive: serve(() => keep) },
    stores: [map(reports, { name: 'shelf' })],
    operations: [watch],
    ...{ clients: 1, maxOperations: 1, faultsForMs: 2_400_000, recoverForMs: 1_200_000 },
    invariants: [atMostOnce(report.by(String))],
  }
}

/** An event counts once. */
function crediting(): System {
  const credits = new Map<string, number>()
  const credit = rows('credit', () => [...credits.keys()])
  const event = fc.record({ id: fc.uuid(), cents: fc.nat() })
  return deliveries(
    ({ id, cents }) => void credits.set(id, cents),
    fc.array(event),
    (deliver) => ({
      stores: [map(credits, { name: 'credits' })],
      invariants: [
        exactlyOnce(
          deliver.by(({ id }) => id),
          credit.by(String),
        ),
      ],
    }),
  )
}
