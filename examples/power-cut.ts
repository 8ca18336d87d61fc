// A commit that was not on the disk (PHENOMENA 13): with a write-ahead log and `synchronous = normal` SQLite answers a
// commit before the disk has it. The order is confirmed, the power is lost, and the order was never there. The sound
// twin pays for `synchronous = full`.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { atLeastOnce, op, rows, serve, sqlite, type System } from 'two-generals'

/** Where the databases are. */
export const folder: string = mkdtempSync(join(tmpdir(), 'power-cut-'))

/** A shop whose orders are on the disk at some time, or with each commit. */
export function ordering(synchronous: 'normal' | 'full'): System {
  const db = new DatabaseSync(join(folder, `${synchronous}.db`))
  db.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}; create table orders (id text primary key)`)
  const insert = db.prepare('insert or ignore into orders values (?)')
  const shop = new Hono().post('/orders', async (c) => {
    insert.run(await c.req.text())
    return c.json({ ordered: true }, 201)
  })
  const place = op('place', fc.uuid(), (id) => fetch('http://shop/orders', { method: 'POST', body: id }))
  const order = rows('order', () => db.prepare('select id from orders').all() as unknown as readonly { id: string }[])
  return {
    nodes: { shop: serve(() => shop) },
    stores: [sqlite(db, { name: 'db', wipe: true })], // made for this test
    operations: [place],
    invariants: [
      atLeastOnce(
        place.by((id) => id),
        order.by(({ id }) => id),
      ),
    ],
  }
}
