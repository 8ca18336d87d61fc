// A read from a replica that lags (PHENOMENA 18): reads are shared out among replicas, and one of them has not heard of
// the last sale yet. It is sold once more. The sound twin lets the primary decide: the condition stands in the write.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { always, op, rows, serve, sqlite, type System } from 'two-generals'

const db = new DatabaseSync(':memory:')
db.exec("create table stock (article text primary key, pieces integer); insert into stock values ('lamp', 1)")

const look = db.prepare("select pieces from stock where article = 'lamp'")
const take = db.prepare("update stock set pieces = pieces - 1 where article = 'lamp'")
const takeOne = db.prepare("update stock set pieces = pieces - 1 where article = 'lamp' and pieces > 0")

/** Looks whether there is one, and takes it. */
export const lookThenTake: Hono = new Hono().post('/lamps', (c) => {
  if (Number(look.get()?.['pieces']) < 1) return c.json({ sold: false }, 409)
  take.run()
  return c.json({ sold: true }, 201)
})

/** Takes one where there is one. Looking first only spares a write. */
export const takeWhereThereIs: Hono = new Hono().post('/lamps', (c) => {
  if (Number(look.get()?.['pieces']) < 1 || takeOne.run().changes === 0) return c.json({ sold: false }, 409)
  return c.json({ sold: true }, 201)
})

const buy = op('buy', fc.constant(null), () => fetch('http://shop/lamps', { method: 'POST' }))
const stock = rows('stock', () => look.all() as unknown as readonly { pieces: number }[])

/** A shop whose database has replicas, of which any may answer a read outside a transaction. */
export function selling(app: Hono): System {
  return {
    nodes: { shop: serve(() => app) },
    stores: [sqlite(db, { name: 'db', replica: true })],
    operations: [buy],
    invariants: [always('no lamp is sold that is not there', stock, (all) => all.every(({ pieces }) => pieces >= 0))],
  }
}
