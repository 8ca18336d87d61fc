// D1, held against what every remote store owes: its own methods, Drizzle on it, and Kysely by a dialect that does what
// kysely-d1 does.
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/d1'
import { sql as sqlOf } from 'drizzle-orm'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
} from 'kysely'
import type { RemoteClient, RemoteContent, RemoteStoreSubject } from '../../src/conformance/remote-play.ts'
import { remoteStoreConformance } from '../../src/conformance/remote-store-conformance.ts'
import type { SqliteDatabase } from '../../src/store/sqlite/driver.ts'
import { d1, type D1, type D1Prepared } from '../../src/stores.ts'
import { amount } from '../full.ts'

interface Thing {
  readonly key: string
  readonly value: number
}

const things = sqliteTable('things', { key: text().primaryKey(), value: integer().notNull() })
const upsert = 'insert into things values (?, ?) on conflict (key) do update set value = excluded.value'

function contentOf(rows: readonly unknown[]): RemoteContent {
  return Object.fromEntries((rows as readonly Thing[]).map(({ key, value }) => [key, value]))
}

async function read(DB: D1): Promise<RemoteContent> {
  return contentOf((await DB.prepare('select key, value from things order by key').all()).results)
}

/** D1's errors have no code: their words have one. */
function coded(error: unknown): never {
  const found =
    error instanceof Error && error.cause instanceof Error && !/^D1_/.test(error.message) ? error.cause : error
  const { message } = found as Error
  throw Object.assign(found as Error, { code: /SQLITE_[A-Z]+$/.exec(message)?.[0] ?? 'D1_ERROR' })
}

/** A transaction of D1: statements that are carried out at once, at last. */
async function batched(DB: D1, run: (client: RemoteClient) => Promise<void>): Promise<unknown> {
  const statements: D1Prepared[] = []
  await run({
    read: () => read(DB).catch(coded),
    write: async (key, value) => statements.push(DB.prepare(upsert).bind(key, value)),
  })
  return DB.batch(statements).catch(coded)
}

function subjectOf(db: SqliteDatabase, connect: (DB: D1) => ReturnType<RemoteStoreSubject['connect']>) {
  db.exec("create table things (key text primary key, value integer not null); insert into things values ('a', 1)")
  const DB = d1(db, { name: 'DB' })
  const subject: RemoteStoreSubject = {
    store: DB.store,
    transactions: 'one call',
    connect: () => connect(DB),
    content: () => read(DB),
    writes: 'insert things',
    refusedCode: 'SQLITE_CONSTRAINT',
  }
  return subject
}

function viaD1(DB: D1): ReturnType<RemoteStoreSubject['connect']> {
  return {
    read: () => read(DB).catch(coded),
    write: (key, value) => DB.prepare(upsert).bind(key, value).run().catch(coded),
    transaction: (run) => batched(DB, run),
    refused: () => DB.prepare(upsert).bind('b', null).run().catch(coded),
  }
}

const repeats = amount(300)
remoteStoreConformance('D1 on node:sqlite', () => subjectOf(new DatabaseSync(':memory:'), viaD1), repeats)
remoteStoreConformance('D1 on better-sqlite3', () => subjectOf(new Database(':memory:'), viaD1), repeats)

function viaDrizzle(DB: D1): ReturnType<RemoteStoreSubject['connect']> {
  const db = drizzle(DB as never) // its type is that of Cloudflare's own package
  const written = (key: string, value: number) =>
    db.insert(things).values({ key, value }).onConflictDoUpdate({ target: things.key, set: { value } })
  const reading = async (): Promise<RemoteContent> => contentOf(await db.select().from(things).orderBy(things.key))
  return {
    read: () => reading().catch(coded),
    write: (key, value) => written(key, value).run().catch(coded),
    async transaction(run) {
      const statements: ReturnType<typeof written>[] = []
      await run({
        read: () => reading().catch(coded),
        write: async (key, value) => statements.push(written(key, value)),
      })
      const [first, ...others] = statements
      return first === undefined ? undefined : db.batch([first, ...others]).catch(coded)
    },
    refused: () =>
      db
        .insert(things)
        .values({ key: 'b', value: sqlOf`null` })
        .run()
        .catch(coded),
  }
}

remoteStoreConformance('Drizzle on D1', () => subjectOf(new DatabaseSync(':memory:'), viaDrizzle), repeats)

/** What kysely-d1 does: one statement is `prepare().bind().all()`, and transactions are refused. */
class D1Connection implements DatabaseConnection {
  readonly #DB: D1

  constructor(DB: D1) {
    this.#DB = DB
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { results, meta } = await this.#DB
      .prepare(sql)
      .bind(...parameters)
      .all<R>()
    return { rows: results, insertId: BigInt(meta.last_row_id), numAffectedRows: BigInt(meta.changes) }
  }

  streamQuery(): never {
    throw new Error('D1 does not stream')
  }
}

function dialectOf(DB: D1): Dialect {
  const refuse = (): never => {
    throw new Error('Transactions are not supported yet.')
  }
  const nothing = async (): Promise<void> => undefined
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => ({
      init: nothing,
      acquireConnection: async () => new D1Connection(DB),
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: nothing,
      destroy: nothing,
    }),
  }
}

remoteStoreConformance(
  'Kysely on D1',
  () =>
    subjectOf(new DatabaseSync(':memory:'), (DB) => {
      const db = new Kysely<{ things: Thing }>({ dialect: dialectOf(DB) })
      return {
        read: async () => contentOf(await db.selectFrom('things').selectAll().orderBy('key').execute().catch(coded)),
        write: (key, value) =>
          db
            .insertInto('things')
            .values({ key, value })
            .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
            .execute()
            .catch(coded),
        transaction: (run) => batched(DB, run),
        refused: () =>
          db
            .insertInto('things')
            .values({ key: 'b', value: null as never })
            .execute()
            .catch(coded),
      }
    }),
  repeats,
)
