// Every driver on a real PostgreSQL server of our own; in a quick run the two that speak the protocol themselves.
import { afterAll } from 'vitest'
import { remoteStoreConformance } from '../../src/conformance/remote-store-conformance.ts'
import { postgres, startPostgres } from '../../src/postgres.ts'
import { amount, full } from '../full.ts'
import { contentOf, drivers, select, thingsSchema } from './postgres-drivers.ts'

const db = await startPostgres({ migrate: ({ exec }) => exec(thingsSchema) })
afterAll(() => db.stop())

const own = ['pg', 'postgres.js']

for (const [name, connect] of drivers.filter(([name]) => full || own.includes(name)))
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
