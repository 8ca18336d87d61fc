// One shop on each store: it looks whether it has an order, and writes it once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PGlite } from '@electric-sql/pglite'
import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { atMostOnce, map, op, rows, serve, sqlite, type Store, type System } from '../../src/index.ts'
import { postgres, startPostgres } from '../../src/postgres.ts'
import { redis } from '../../src/redis.ts'
import { d1, instrument } from '../../src/stores.ts'

const schema = 'create table orders (id text primary key, cents int)'
const insert = 'insert into orders values (?, ?) on conflict do nothing'
const select = 'select id from orders'
const [insertNumbered, selectNumbered] = [
  'insert into orders values ($1, $2) on conflict do nothing',
  'select id from orders where id = $1',
]

interface Order {
  readonly id: string
  readonly cents: number
}

/** What the shop's process does with its store. */
interface Shop {
  look(id: string): unknown
  write(order: Order): unknown
}

/** `connect`: what each of its processes makes; `read`: all that is stored. */
function buying(store: Store, connect: () => Shop, read: () => unknown): System {
  const buy = op(
    'buy',
    fc.record({ id: fc.uuid(), cents: fc.nat() }),
    (order) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(order) }),
    { retries: 1 },
  )
  const bought = rows('order', async () => (await read()) as readonly Order[])
  const shop = serve(() => {
    const own = connect()
    return async (request: Request) => {
      const order = (await request.json()) as Order
      await own.look(order.id)
      await own.write(order)
      return new Response('done')
    }
  })
  return {
    nodes: { shop },
    stores: [store],
    operations: [buy],
    invariants: [atMostOnce(bought.by(({ id }) => id))],
  }
}

function onNodeSqlite(db: DatabaseSync, store: Store): System {
  const [writing, looking, reading] = [db.prepare(insert), db.prepare(`${select} where id = ?`), db.prepare(select)]
  return buying(
    store,
    () => ({ look: (id) => looking.get(id), write: ({ id, cents }) => writing.run(id, cents) }),
    () => reading.all(),
  )
}

/** On node:sqlite, with a replica. */
export function overNodeSqlite(): System {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  return onNodeSqlite(db, sqlite(db, { replica: true }))
}

/** On a file of node:sqlite that may lose its last commits in a power cut. It is gone when the process ends. */
export function overSqliteFile(): System {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const db = new DatabaseSync(join(folder, 'shop.db'))
  db.exec(`pragma journal_mode = wal; pragma synchronous = normal; ${schema}`)
  return onNodeSqlite(db, sqlite(db, { wipe: true }))
}

/** On better-sqlite3, whose statements are prepared once. */
export function overBetterSqlite(): System {
  const db = new Database(':memory:')
  db.exec(schema)
  const [writing, looking, reading] = [db.prepare(insert), db.prepare(`${select} where id = ?`), db.prepare(select)]
  return buying(
    sqlite(db, { replica: true }),
    () => ({ look: (id) => looking.get(id), write: ({ id, cents }) => writing.run(id, cents) }),
    () => reading.all(),
  )
}

/** On a Map. */
export function overMap(): System {
  const orders = new Map<string, Order>()
  return buying(
    map(orders, { name: 'orders', replica: true }),
    () => ({ look: (id) => orders.get(id), write: (order) => orders.set(order.id, order) }),
    () => [...orders.values()],
  )
}

/** On D1, whose reads are those of a session. */
export function overD1(): System {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  const DB = d1(db, { replica: true })
  return buying(
    DB.store,
    () => ({
      look: (id) => DB.withSession().prepare(`${select} where id = ?`).bind(id).first(),
      write: ({ id, cents }) => DB.prepare(insert).bind(id, cents).run(),
    }),
    async () => (await DB.prepare(select).all()).results,
  )
}

/** On a driver that no adapter knows. */
export function overDriver(): System {
  const orders = new Map<string, Order>()
  const client = {
    find: async (id: string) => orders.get(id),
    put: async (order: Order) => void orders.set(order.id, order),
  }
  const reset = (): void => orders.clear()
  return buying(
    instrument(client, ['find', 'put'], { name: 'driver', write: ['put'], reset }),
    () => ({ look: (id) => client.find(id), write: (order) => client.put(order) }),
    () => [...orders.values()],
  )
}

async function embedded(): Promise<PGlite> {
  const db = await PGlite.create()
  await db.exec(schema)
  return db
}

/** On an embedded PostgreSQL, which the shop calls itself. */
export async function overPglite(): Promise<System> {
  const db = await embedded()
  return buying(
    postgres(db, { replica: true }),
    () => ({
      look: (id) => db.query(selectNumbered, [id]),
      write: ({ id, cents }) => db.query(insertNumbered, [id, cents]),
    }),
    async () => (await db.query(select)).rows,
  )
}

/** On Redis by ioredis; each process has a client of its own. */
export function overRedis(): System {
  const store = redis({ replica: true })
  return buying(
    store,
    () => {
      const client = new Redis({ host: 'cache' }).on('error', () => undefined)
      return {
        look: (id) => client.hget('orders', id),
        write: ({ id, cents }) => client.hsetnx('orders', id, cents),
      }
    },
    () => Object.keys(store.value('orders') ?? {}).map((id) => ({ id })),
  )
}

/** On PostgreSQL by pg; each process has a pool of its own. `read`: all that is stored. */
function byPg(store: Store, read: () => unknown): System {
  return buying(
    store,
    () => {
      const pool = new Pool({ host: 'db', max: 2 }).on('error', () => undefined)
      return {
        look: (id) => pool.query(selectNumbered, [id]),
        write: ({ id, cents }) => pool.query(insertNumbered, [id, cents]),
      }
    },
    read,
  )
}

/** On an embedded PostgreSQL by pg. */
export async function overPostgres(): Promise<System> {
  const db = await embedded()
  return byPg(postgres(db, { replica: true }), async () => (await db.query(select)).rows)
}

/** On a PostgreSQL server by pg. It ends with the process. */
export async function overPostgresServer(): Promise<System> {
  const db = await startPostgres({ migrate: (server) => server.exec(schema) })
  return byPg(postgres(db), async () => (await db.query(select)).rows)
}
