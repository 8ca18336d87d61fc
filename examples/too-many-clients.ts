// Too many connections (PHENOMENA 9, "exhausted pool"): PostgreSQL refuses a connection with 53300, "sorry, too many
// clients already". The import takes every code of PostgreSQL's own for a verdict on the row, sets the order aside as a
// bad one, and answers that it is done: a good order is gone. The sound twin blames the row only for what is about the
// row, and for all else asks to be called again.
import { PGlite } from '@electric-sql/pglite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { Pool } from 'pg'
import { atLeastOnce, op, rows, serve, type System } from 'two-generals'
import { postgres } from 'two-generals/postgres'

interface Order {
  readonly id: string
  readonly cents: number
}

/** Whether an error is about the row that was to be written. */
type IsOfRow = (code: string) => boolean

/** PostgreSQL has refused it, since that has codes of five characters: sockets have others. */
export const anyState: IsOfRow = (code) => /^[0-9A-Z]{5}$/.test(code)

/** A value that is none (class 22), or a constraint that it breaks (class 23). */
export const dataOrConstraint: IsOfRow = (code) => /^2[23]...$/.test(code)

function createImport(isOfRow: IsOfRow): Hono {
  const pool = new Pool({ host: 'db.shop.internal', max: 2 })
  pool.on('error', () => undefined) // an idle connection was lost: the pool opens another one
  return new Hono().post('/orders', async (c) => {
    const { id, cents } = await c.req.json<Order>()
    try {
      await pool.query('insert into orders values ($1, $2) on conflict do nothing', [id, cents])
      return c.json({ imported: true })
    } catch (error) {
      if (!isOfRow(String((error as { code?: string }).code))) return c.json({ imported: false }, 503)
      console.warn('set aside as a bad order', id)
      return c.json({ imported: true })
    }
  })
}

const embedded = await PGlite.create()
await embedded.exec('create table orders (id text primary key, cents integer not null check (cents > 0))')

const order = fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 100 }) })
const send = op('send', order, (one) => fetch('http://import/orders', { method: 'POST', body: JSON.stringify(one) }), {
  retries: 2,
})
const stored = rows('order', async () => (await embedded.query<Order>('select id from orders')).rows)

/** An import that blames the row or the database, where the database is full or its connections break. */
export function importing(isOfRow: IsOfRow): System {
  return {
    nodes: { import: serve(() => createImport(isOfRow)) },
    stores: [postgres(embedded)],
    operations: [send],
    invariants: [
      atLeastOnce(
        send.by(({ id }) => id),
        stored.by(({ id }) => id),
      ),
    ],
    tolerates: { 'import -> postgres': ['throttle', 'refuse', 'reset'] },
  }
}
