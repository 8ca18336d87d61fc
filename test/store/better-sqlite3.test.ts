// What is special to better-sqlite3, and the query builders on top of it and of node:sqlite: each as users write it, in
// whole explorations.
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { drizzle as drizzleProxy } from 'drizzle-orm/sqlite-proxy'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { eq, sql } from 'drizzle-orm'
import * as fc from 'fast-check'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, test } from 'vitest'
import { fakeWorld } from '../../src/conformance/fake-world.ts'
import {
  assess,
  conservation,
  op,
  rows,
  serve,
  sqlite,
  type FetchHandler,
  type SqliteDatabase,
  type System,
} from '../../src/index.ts'

const schema =
  "CREATE TABLE accounts (name TEXT PRIMARY KEY, cents INTEGER); INSERT INTO accounts VALUES ('a', 9), ('b', 9)"
const accounts = sqliteTable('accounts', { name: text().primaryKey(), cents: integer().notNull() })

/** A transfer of one cent between two accounts, with a handler of one's own. Money must neither appear nor vanish. */
function bank<D extends SqliteDatabase>(
  open: () => D,
  boot: (db: D) => FetchHandler,
): { readonly system: System; readonly db: D } {
  const db = open()
  db.exec(schema)
  const all = db.prepare('SELECT name, cents FROM accounts') as { all(): { name: string; cents: number }[] }
  const transfer = op('transfer', fc.constant(null), () => fetch('http://bank/', { method: 'POST' }))
  const total = conservation(
    rows('account', () => all.all(), { everyCommit: true }),
    ({ cents }) => cents,
    { total: 18 },
  )
  return {
    db,
    system: {
      nodes: { bank: serve(() => boot(db)) },
      stores: [sqlite(db, { name: 'db' })],
      operations: [transfer],
      invariants: [total],
    },
  }
}

const better = (): Database.Database => new Database(':memory:')
const builtIn = (): DatabaseSync => new DatabaseSync(':memory:')
const done = (): Response => new Response('done')

/** Handlers that move the cent in a transaction, and ones that forget it. */
const sound = {
  'better-sqlite3, transaction()': bank(better, (db) => {
    const move = db.prepare('UPDATE accounts SET cents = cents + ? WHERE name = ?')
    const both = db.transaction(() => {
      move.run(-1, 'a')
      move.run(1, 'b')
    })
    return () => {
      both.immediate()
      return done()
    }
  }),
  'better-sqlite3, nested transactions': bank(better, (db) => {
    const move = db.prepare('UPDATE accounts SET cents = cents + @by WHERE name = @name')
    const take = db.transaction(() => move.run({ by: -1, name: 'a' }))
    const both = db.transaction(() => {
      take()
      move.run({ by: 1, name: 'b' })
    })
    return () => {
      both()
      return done()
    }
  }),
  'drizzle on better-sqlite3': bank(better, (db) => {
    const client = drizzle({ client: db })
    return () => {
      client.transaction((tx) => {
        tx.update(accounts)
          .set({ cents: sql`cents - 1` })
          .where(eq(accounts.name, 'a'))
          .run()
        tx.update(accounts)
          .set({ cents: sql`cents + 1` })
          .where(eq(accounts.name, 'b'))
          .run()
      })
      return done()
    }
  }),
  'kysely on better-sqlite3': bank(better, (db) => {
    const client = new Kysely<{ accounts: { name: string; cents: number } }>({
      dialect: new SqliteDialect({ database: db }),
    })
    return async () => {
      await client.transaction().execute(async (tx) => {
        await tx
          .updateTable('accounts')
          .set((eb) => ({ cents: eb('cents', '-', 1) }))
          .where('name', '=', 'a')
          .execute()
        await tx
          .updateTable('accounts')
          .set((eb) => ({ cents: eb('cents', '+', 1) }))
          .where('name', '=', 'b')
          .execute()
      })
      return done()
    }
  }),
}

const broken = {
  'better-sqlite3': bank(better, (db) => {
    const move = db.prepare('UPDATE accounts SET cents = cents + ? WHERE name = ?')
    return () => {
      move.run(-1, 'a')
      move.run(1, 'b')
      return done()
    }
  }),
  'drizzle on better-sqlite3': bank(better, (db) => {
    const client = drizzle({ client: db })
    return () => {
      client
        .update(accounts)
        .set({ cents: sql`cents - 1` })
        .where(eq(accounts.name, 'a'))
        .run()
      client
        .update(accounts)
        .set({ cents: sql`cents + 1` })
        .where(eq(accounts.name, 'b'))
        .run()
      return done()
    }
  }),
  'kysely on better-sqlite3': bank(better, (db) => {
    const client = new Kysely<{ accounts: { name: string; cents: number } }>({
      dialect: new SqliteDialect({ database: db }),
    })
    return async () => {
      await client
        .updateTable('accounts')
        .set((eb) => ({ cents: eb('cents', '-', 1) }))
        .where('name', '=', 'a')
        .execute()
      await client
        .updateTable('accounts')
        .set((eb) => ({ cents: eb('cents', '+', 1) }))
        .where('name', '=', 'b')
        .execute()
      return done()
    }
  }),
  'drizzle on node:sqlite': bank(builtIn, (db) => {
    const client = drizzleProxy((query, params, method) => {
      const rows = db
        .prepare(query)
        .all(...(params as string[]))
        .map((row) => Object.values(row))
      return Promise.resolve({ rows: method === 'get' ? (rows[0] ?? []) : rows })
    })
    return async () => {
      await client
        .update(accounts)
        .set({ cents: sql`cents - 1` })
        .where(eq(accounts.name, 'a'))
      await client
        .update(accounts)
        .set({ cents: sql`cents + 1` })
        .where(eq(accounts.name, 'b'))
      return done()
    }
  }),
}

describe('money stays the same', () => {
  test.each(Object.entries(sound))('with %s, in a transaction', async (_, { system }) => {
    const assessment = await assess(system, { numRuns: 30, seed: 1 })

    expect(assessment.kind).toBe('holds')
  })

  test.each(Object.entries(broken))('with %s it does not, without one', async (_, { system, db }) => {
    const { kind } = await assess(system, { numRuns: 30, seed: 1 })

    expect(kind).toBe('violated')
    expect((db.prepare('SELECT sum(cents) AS total FROM accounts') as { get(): unknown }).get()).toEqual({ total: 18 })
  })
})

test('a statement tells which of two databases it is for, also one that was prepared before', () => {
  const [one, other] = [better(), better()]
  for (const db of [one, other]) db.exec('CREATE TABLE t (n)')
  const insert = one.prepare('INSERT INTO t VALUES (?)')
  const stores = [sqlite(one, { name: 'one' }), sqlite(other, { name: 'other' })]
  for (const store of stores) void store.attach()
  const world = fakeWorld(stores)

  world.run(world.life('shop'), () => insert.run(1))

  expect(world.seen).toMatchObject([{ operation: 'insert t', store: 'one' }])
  for (const store of stores) void store.detach()
})

test('pluck, raw, pragma and iterate give what they give outside a simulation', () => {
  const db = better()
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t (n) VALUES ('x'), ('y')")
  const store = sqlite(db)
  void store.attach()
  const world = fakeWorld([store])
  const all = (): unknown => [
    db.prepare('SELECT n FROM t').pluck().all(),
    [...db.prepare('SELECT id, n FROM t').raw().iterate()],
    db.prepare('SELECT count(*) FROM t').safeIntegers().pluck().get(),
    db.pragma('user_version', { simple: true }),
    db.exec('SELECT 1') === db,
    db.exec('') === db,
  ]

  expect(world.run(world.life('shop'), all)).toEqual(all())
  void store.detach()
})
