// A checkout that charges a customer (PHENOMENA 2, 5, 13): Hono, a durable ledger in node:sqlite, a payment gateway. Three twins: one that
// charges twice under a lost reply, one that looks idempotent and is not, and one that is.
import { DatabaseSync } from 'node:sqlite'
import { Hono } from 'hono'

export interface Order {
  readonly order: string
  readonly amount: number
}

export const db: DatabaseSync = new DatabaseSync(':memory:')
db.exec('create table ledger (order_id text primary key, charge text not null)')

const find = db.prepare('select charge from ledger where order_id = ?')
const record = db.prepare('insert or ignore into ledger (order_id, charge) values (?, ?)')

async function charge(order: Order, headers: Record<string, string> = {}): Promise<string | undefined> {
  const response = await fetch('https://api.payments.example/v1/charges', { method: 'POST', headers, body: JSON.stringify(order) })
  return response.ok ? String((await response.json() as { id: string }).id) : undefined
}

/** Charges whenever it is asked to. */
export const naive: Hono = new Hono().post('/orders', async (c) => {
  const order = await c.req.json<Order>()
  const id = await charge(order)
  if (id === undefined) return c.json({ error: 'payment failed' }, 502)
  record.run(order.order, id)
  return c.json({ id }, 201)
})

/** "Seen this key? Return it. Charge. Remember." Charged and not yet remembered is a gap. */
export const textbook: Hono = new Hono().post('/orders', async (c) => {
  const order = await c.req.json<Order>()
  const seen = find.get(order.order)
  if (seen !== undefined) return c.json({ id: seen['charge'] })
  const id = await charge(order)
  if (id === undefined) return c.json({ error: 'payment failed' }, 502)
  record.run(order.order, id)
  return c.json({ id }, 201)
})

/** The gateway recognises the order, so that charging again changes nothing. */
export const sound: Hono = new Hono().post('/orders', async (c) => {
  const order = await c.req.json<Order>()
  const id = await charge(order, { 'idempotency-key': order.order })
  if (id === undefined) return c.json({ error: 'payment failed' }, 502)
  record.run(order.order, id)
  return c.json({ id }, 201)
})
