// Two buyers, one ticket (PHENOMENA 19): read 1, wait for the payment, write 0. Both buyers read 1, so both get the
// ticket. No fault is needed: a perfect network and two customers at one time are enough. The sound twin lets the
// database decide.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { http, HttpResponse } from 'msw'
import { noOversell, op, rows, serve, sqlite, type System } from 'two-generals'

interface Purchase {
  readonly event: string
  readonly buyer: string
}

const db = new DatabaseSync(':memory:')
db.exec(`
  create table event (name text primary key, tickets integer not null);
  create table sale (event text not null, buyer text not null);
  insert into event values ('opera', 1)
`)

const tickets = db.prepare('select tickets from event where name = ?')
const setTickets = db.prepare('update event set tickets = ? where name = ?')
const takeTicket = db.prepare('update event set tickets = tickets - 1 where name = ? and tickets > 0')
const sell = db.prepare('insert into sale (event, buyer) values (?, ?)')

const gateway = [http.post('https://api.payments.example/v1/holds', () => HttpResponse.json({ id: 'hold_1' }))]

async function holdMoney(purchase: Purchase): Promise<boolean> {
  const { ok } = await fetch('https://api.payments.example/v1/holds', {
    method: 'POST',
    body: JSON.stringify(purchase),
  })
  return ok
}

/** Reads how many are left, and writes it back one lower after the wait. */
export const readThenWrite: Hono = new Hono().post('/tickets', async (c) => {
  const { event, buyer } = await c.req.json<Purchase>()
  const left = Number(tickets.get(event)?.['tickets'])
  if (left < 1) return c.json({ error: 'sold out' }, 409)
  if (!(await holdMoney({ event, buyer }))) return c.json({ error: 'payment failed' }, 502)
  setTickets.run(left - 1, event)
  sell.run(event, buyer)
  return c.json({ event }, 201)
})

/** Takes a ticket only where there still is one: the condition and the write are one statement, after the wait. */
export const conditionalUpdate: Hono = new Hono().post('/tickets', async (c) => {
  const { event, buyer } = await c.req.json<Purchase>()
  if (!(await holdMoney({ event, buyer }))) return c.json({ error: 'payment failed' }, 502)
  if (takeTicket.run(event).changes === 0) return c.json({ error: 'sold out' }, 409)
  sell.run(event, buyer)
  return c.json({ event }, 201)
})

const buy = op(
  'buy',
  fc.record({ event: fc.constant('opera'), buyer: fc.uuid() }),
  (purchase) => fetch('http://box-office/tickets', { method: 'POST', body: JSON.stringify(purchase) }),
  { timeout: 5_000 },
)
const sale = rows('ticket', () => db.prepare('select event, buyer from sale').all() as unknown as readonly Purchase[])

/** One ticket, sold once at most, whichever twin serves the box office. */
export function selling(app: Hono): System {
  return {
    nodes: { 'box-office': serve(() => app) },
    outside: gateway,
    stores: [sqlite(db, { name: 'tickets' })],
    operations: [buy],
    invariants: [
      noOversell(
        sale.by((s) => s.event),
        { stock: 1 },
      ),
    ],
  }
}
