// Every way to the embedded PostgreSQL: PGlite itself, Drizzle on it, and the drivers pg and postgres.js over a socket.
import { PGlite } from '@electric-sql/pglite'
import { sql as sqlOf } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/pglite'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { Kysely, PostgresDialect } from 'kysely'
import { Pool, type PoolClient } from 'pg'
import connect from 'postgres'
import { afterAll } from 'vitest'
import type { RemoteClient, RemoteContent, RemoteStoreSubject } from '../../src/conformance/remote-play.ts'
import { remoteStoreConformance } from '../../src/conformance/remote-store-conformance.ts'
import { postgres } from '../../src/postgres.ts'
import { amount } from '../full.ts'

const things = pgTable('things', { key: text().primaryKey(), value: integer().notNull() })
const select = 'select key, value from things order by key'
const upsert = 'insert into things values ($1, $2) on conflict (key) do update set value = $2'

interface Thing {
  readonly key: string
  readonly value: number
}

function contentOf(rows: readonly unknown[]): RemoteContent {
  return Object.fromEntries((rows as readonly Thing[]).map(({ key, value }) => [key, value]))
}

/** To make one takes seconds. */
const db = await PGlite.create()
afterAll(() => db.close())

/** What is the same for all drivers. */
async function subjectFor(connected: (db: PGlite) => RemoteStoreSubject['connect']): Promise<RemoteStoreSubject> {
  await db.exec('drop table if exists things')
  await db.exec(
    "create table things (key text primary key, value integer not null); insert into things values ('a', 1)",
  )
  return {
    store: postgres(db),
    connect: connected(db),
    content: async () => contentOf((await db.query(select)).rows),
    writes: 'insert things',
    refusedCode: '23502',
  }
}

interface Queries {
  query(sql: string, params?: (string | number | null)[]): Promise<{ rows: readonly unknown[] }>
}

function clientOf(db: Queries): RemoteClient {
  return {
    read: async () => contentOf((await db.query(select)).rows),
    write: (key, value) => db.query(upsert, [key, value]),
  }
}

const amountOfRepeats = amount(300)

remoteStoreConformance(
  'PGlite',
  () =>
    subjectFor((db) => () => ({
      ...clientOf(db),
      transaction: (run) => db.transaction((tx) => run(clientOf(tx))),
      refused: () => db.query(upsert, ['b', null]),
    })),
  amountOfRepeats,
)

type Drizzle = Pick<ReturnType<typeof drizzle>, 'select' | 'insert'>

function drizzleClient(db: Drizzle): RemoteClient {
  return {
    read: async () => contentOf(await db.select().from(things).orderBy(things.key)),
    write: (key, value) =>
      db.insert(things).values({ key, value }).onConflictDoUpdate({ target: things.key, set: { value } }),
  }
}

/** Drizzle puts the database's error into one of its own. */
function cause(error: unknown): never {
  throw error instanceof Error && error.cause instanceof Error ? error.cause : error
}

function viaDrizzle(db: ReturnType<typeof drizzle>): ReturnType<RemoteStoreSubject['connect']> {
  const client = drizzleClient(db)
  return {
    read: () => client.read().catch(cause),
    write: (key, value) => Promise.resolve(client.write(key, value)).catch(cause),
    transaction: (run) => db.transaction((tx) => run(drizzleClient(tx))),
    refused: () =>
      db
        .insert(things)
        .values({ key: 'b', value: sqlOf`null` })
        .catch(cause),
  }
}

remoteStoreConformance(
  'Drizzle on PGlite',
  () => subjectFor((client) => () => viaDrizzle(drizzle({ client }))),
  amountOfRepeats,
)

/** A pool that lives as long as its node. What ends an idle connection is heard, as PostgreSQL's users are told to. */
function poolOf(): Pool {
  return new Pool({ host: 'db.internal', max: 2 }).on('error', () => undefined)
}

function viaPg(pool: Pool): ReturnType<RemoteStoreSubject['connect']> {
  return {
    ...clientOf(pool),
    async transaction(run) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await run(clientOf(client))
        await client.query('COMMIT')
        client.release()
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined)
        client.release(true)
        throw error
      }
    },
    refused: () => pool.query(upsert, ['b', null]),
  }
}

remoteStoreConformance('pg', () => subjectFor(() => () => viaPg(poolOf())), amountOfRepeats)

remoteStoreConformance(
  'pg, with prepared statements',
  () =>
    subjectFor(() => () => {
      const pool = poolOf()
      const named = (db: Pool | PoolClient): Queries => ({
        query: (sql, values) => db.query({ name: sql.slice(0, 6), text: sql, ...(values && { values }) }),
      })
      return { ...viaPg(pool), ...clientOf(named(pool)) }
    }),
  amountOfRepeats,
)

remoteStoreConformance(
  'Drizzle on pg',
  () => subjectFor(() => () => viaDrizzle(drizzlePg({ client: poolOf() }) as never)),
  amountOfRepeats,
)

remoteStoreConformance(
  'Kysely on pg',
  () =>
    subjectFor(() => () => {
      const db = new Kysely<{ things: Thing }>({ dialect: new PostgresDialect({ pool: poolOf() }) })
      const client = (on: Pick<typeof db, 'selectFrom' | 'insertInto'>): RemoteClient => ({
        read: async () => contentOf(await on.selectFrom('things').selectAll().orderBy('key').execute()),
        write: (key, value) =>
          on
            .insertInto('things')
            .values({ key, value })
            .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
            .execute(),
      })
      return {
        ...client(db),
        transaction: (run) => db.transaction().execute((tx) => run(client(tx))),
        refused: () =>
          db
            .insertInto('things')
            .values({ key: 'b', value: null as never })
            .execute(),
      }
    }),
  amountOfRepeats,
)

remoteStoreConformance(
  'postgres.js',
  () =>
    subjectFor(() => () => {
      const sql = connect({ host: 'db.internal', max: 2, onnotice: () => undefined })
      const client = (on: connect.Sql | connect.TransactionSql): RemoteClient => ({
        read: async () => contentOf(await on`select key, value from things order by key`),
        write: (key, value) =>
          on`insert into things values (${key}, ${value}) on conflict (key) do update set value = ${value}`,
      })
      return {
        ...client(sql),
        transaction: (run) => sql.begin((tx) => run(client(tx))),
        refused: () => sql`insert into things values ('b', ${null})`,
      }
    }),
  amountOfRepeats,
)
