// A crash between effect and record (PHENOMENA 13), in a Worker of Cloudflare with D1: the order and its entry in the
// outbox are two calls, and the Worker dies between them. The sound twin writes both in one batch, which is a
// transaction.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { always, op, rows, serve, type System } from 'two-generals'
import { d1, type D1 } from 'two-generals/stores'

interface Env {
  readonly DB: D1
}

const order = (DB: D1, id: string) => DB.prepare('insert or ignore into orders values (?)').bind(id)
const entry = (DB: D1, id: string) => DB.prepare('insert or ignore into outbox values (?)').bind(id)

/** Writes one after the other. */
export const oneByOne = {
  async fetch(request: Request, { DB }: Env): Promise<Response> {
    const id = await request.text()
    await order(DB, id).run()
    await entry(DB, id).run()
    return Response.json({ id }, { status: 201 })
  },
}

/** Writes both or none. */
export const inOneBatch = {
  async fetch(request: Request, { DB }: Env): Promise<Response> {
    const id = await request.text()
    await DB.batch([order(DB, id), entry(DB, id)])
    return Response.json({ id }, { status: 201 })
  },
}

const db = new DatabaseSync(':memory:')
db.exec('create table orders (id text primary key); create table outbox (id text primary key)')
const DB = d1(db, { name: 'DB' })

const place = op('place', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }))
const ordered = rows('order', async () => {
  const sql = 'select id, id in (select id from outbox) as announced from orders'
  return (await DB.prepare(sql).all<{ id: string; announced: 0 | 1 }>()).results
})

/** A shop as one Worker or the other. */
export function ordering(worker: typeof oneByOne): System {
  return {
    nodes: { shop: serve(() => worker, { env: { DB } }) },
    stores: [DB.store],
    operations: [place],
    invariants: [always('each order is announced', ordered, (all) => all.every(({ announced }) => announced === 1))],
  }
}
