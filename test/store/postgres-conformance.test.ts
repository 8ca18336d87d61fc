// Every way to the embedded PostgreSQL: PGlite itself, Drizzle on it, and the drivers over a socket.
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { afterAll } from 'vitest'
import type { RemoteStoreSubject } from '../../src/conformance/remote-play.ts'
import { remoteStoreConformance } from '../../src/conformance/remote-store-conformance.ts'
import { postgres } from '../../src/postgres.ts'
import { amount } from '../full.ts'
import { clientOf, contentOf, drivers, select, thingsSchema, upsert, viaDrizzle } from './postgres-drivers.ts'

/** To make one takes seconds. */
const db = await PGlite.create()
afterAll(() => db.close())

/** What is the same for all drivers. */
async function subjectFor(connect: RemoteStoreSubject['connect']): Promise<RemoteStoreSubject> {
  await db.exec(`drop table if exists things; ${thingsSchema}`)
  return {
    store: postgres(db),
    connect,
    content: async () => contentOf((await db.query(select)).rows),
    writes: 'insert things',
    refusedCode: '23502',
  }
}

const amountOfRepeats = amount(300)

remoteStoreConformance(
  'PGlite',
  () =>
    subjectFor(() => ({
      ...clientOf(db),
      transaction: (run) => db.transaction((tx) => run(clientOf(tx))),
      refused: () => db.query(upsert, ['b', null]),
    })),
  amountOfRepeats,
)

remoteStoreConformance(
  'Drizzle on PGlite',
  () => subjectFor(() => viaDrizzle(drizzle({ client: db }))),
  amountOfRepeats,
)

for (const [name, connect] of drivers) remoteStoreConformance(name, () => subjectFor(connect), amountOfRepeats)
