// Every driver on a real PostgreSQL server of our own.
import { afterAll } from 'vitest'
import { remoteStoreConformance } from '../../src/conformance/remote-store-conformance.ts'
import { postgres, startPostgres } from '../../src/postgres.ts'
import { amount } from '../full.ts'
import { contentOf, drivers, select, thingsSchema } from './postgres-drivers.ts'

const db = await startPostgres({ migrate: ({ exec }) => exec(thingsSchema) })
afterAll(() => db.stop())

for (const [name, connect] of drivers)
  remoteStoreConformance(
    `${name}, on a server`,
    async () => ({
      store: postgres(db),
      connect,
      content: async () => contentOf((await db.query(select)).rows),
      writes: 'insert things',
      refusedCode: '23502',
    }),
    amount(300),
  )
