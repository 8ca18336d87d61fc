// One shop on each store that has no benchmark of its own: it writes each order once.
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { atMostOnce, op, rows, serve, sqlite, type Store, type System } from '../../src/index.ts'
import { d1 } from '../../src/stores.ts'

const schema = 'create table orders (id text primary key, cents int)'
const insert = 'insert into orders values (?, ?) on conflict do nothing'
const select = 'select id from orders'

interface Order {
  readonly id: string
  readonly cents: number
}

function buying(store: Store, write: (order: Order) => unknown, read: () => unknown): System {
  const buy = op('buy', fc.record({ id: fc.uuid(), cents: fc.nat() }), (order) =>
    fetch('http://shop/', { method: 'POST', body: JSON.stringify(order) }),
  )
  const bought = rows('order', async () => (await read()) as readonly Order[])
  const shop = serve(() => async (request: Request) => {
    await write((await request.json()) as Order)
    return new Response('done')
  })
  return {
    nodes: { shop },
    stores: [store],
    operations: [buy],
    invariants: [atMostOnce(bought.by(({ id }) => id))],
  }
}

/** On better-sqlite3, whose statements are prepared once. */
export function overBetterSqlite(): System {
  const db = new Database(':memory:')
  db.exec(schema)
  const [writing, reading] = [db.prepare(insert), db.prepare(select)]
  return buying(
    sqlite(db),
    ({ id, cents }) => writing.run(id, cents),
    () => reading.all(),
  )
}

/** On D1. */
export function overD1(): System {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  const DB = d1(db)
  return buying(
    DB.store,
    ({ id, cents }) => DB.prepare(insert).bind(id, cents).run(),
    async () => (await DB.prepare(select).all()).results,
  )
}
