// The ways to PostgreSQL that a process has by a driver over a socket, for the suites of its two stores.
import { sql as sqlOf } from 'drizzle-orm'
import type { drizzle } from 'drizzle-orm/pglite'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { Kysely, PostgresDialect } from 'kysely'
import { Pool, type PoolClient } from 'pg'
import connect from 'postgres'
import type { RemoteClient, RemoteContent, RemoteStoreSubject } from '../../src/conformance/remote-play.ts'

const things = pgTable('things', { key: text().primaryKey(), value: integer().notNull() })
export const select = 'select key, value from things order by key'
export const upsert = 'insert into things values ($1, $2) on conflict (key) do update set value = $2'

export interface Thing {
  readonly key: string
  readonly value: number
}

export function contentOf(rows: readonly unknown[]): RemoteContent {
  return Object.fromEntries((rows as readonly Thing[]).map(({ key, value }) => [key, value]))
}

export interface Queries {
  query(sql: string, params?: (string | number | null)[]): Promise<{ rows: readonly unknown[] }>
}

/** A client of whatever has `query`. */
export function clientOf(db: Queries): RemoteClient {
  return {
    read: async () => contentOf((await db.query(select)).rows),
    write: (key, value) => db.query(upsert, [key, value]),
  }
}

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

/** A node that uses Drizzle. */
export function viaDrizzle(db: ReturnType<typeof drizzle>): ReturnType<RemoteStoreSubject['connect']> {
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

type Connect = RemoteStoreSubject['connect']

/** By their names. */
export const drivers: readonly (readonly [name: string, connect: Connect])[] = [
  ['pg', () => viaPg(poolOf())],
  [
    'pg, with prepared statements',
    () => {
      const pool = poolOf()
      const named = (db: Pool | PoolClient): Queries => ({
        query: (sql, values) => db.query({ name: sql.slice(0, 6), text: sql, ...(values && { values }) }),
      })
      return { ...viaPg(pool), ...clientOf(named(pool)) }
    },
  ],
  ['Drizzle on pg', () => viaDrizzle(drizzlePg({ client: poolOf() }) as never)],
  [
    'Kysely on pg',
    () => {
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
    },
  ],
  [
    'postgres.js',
    () => {
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
    },
  ],
]

/** The table that they use. */
export const thingsSchema =
  "create table things (key text primary key, value integer not null); insert into things values ('a', 1)"
