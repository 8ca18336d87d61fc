// A checkout that charges a customer (PHENOMENA 2, 5, 13): Hono, a durable ledger in node:sqlite, a payment gateway
// behind msw. Three twins: one charges twice when a reply is lost; one looks idempotent and is not; one is. Below them,
// what is claimed of each.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { exactlyOnce, op, requests, rows, serve, sqlite, type Effect, type Operation, type System } from 'two-generals'

export interface Order {
  readonly order: string
  readonly amount: number
}

export const db: DatabaseSync = new DatabaseSync(':memory:')
db.exec('create table ledger (order_id text primary key, charge text not null)')

const find = db.prepare('select charge from ledger where order_id = ?')
const record = db.prepare('insert or ignore into ledger (order_id, charge) values (?, ?)')

/** The gateway: an ordinary msw stub, as it stands in many code bases. */
export const server: ReturnType<typeof setupServer> = setupServer(
  http.post('https://api.payments.example/v1/charges', () => HttpResponse.json({ id: 'ch_1', status: 'succeeded' })),
)

async function charge(order: Order, headers: Record<string, string> = {}): Promise<string | undefined> {
  const response = await fetch('https://api.payments.example/v1/charges', {
    method: 'POST',
    headers,
    body: JSON.stringify(order),
  })
  return response.ok ? ((await response.json()) as { readonly id: string }).id : undefined
}

/** Charges whenever it is asked to. */
export const naive: Hono = new Hono().post('/orders', async (c) => {
  const order = await c.req.json<Order>()
  const id = await charge(order)
  if (id === undefined) return c.json({ error: 'payment failed' }, 502)
  record.run(order.order, id)
  return c.json({ id }, 201)
})

/** "Seen this order? Return it. Charge. Remember." Charged and not yet remembered is a gap. */
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

const orders = fc.record({ order: fc.uuid(), amount: fc.integer({ min: 1 }) })
const place = (order: Order) => fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(order) })
const charges = 'POST https://api.payments.example/v1/charges'
const readOrder = (request: Request): Promise<Order> => request.json()

export const pay: Operation<Order> = op('pay', orders, place, { retries: 2, timeout: 5_000 })
export const charged: Effect<Order> = requests('charge', charges, readOrder, { replays: 'idempotency-key' })
export const entry: Effect<Pick<Order, 'order'>> = rows(
  'ledger entry',
  () => db.prepare('select order_id as "order" from ledger').all() as unknown as readonly Pick<Order, 'order'>[],
)

const key = ({ order }: Pick<Order, 'order'>) => order

/** An order is charged once and recorded once, whichever twin serves the shop. */
export function charging(app: Hono): System {
  return {
    nodes: { shop: serve(() => app) },
    outside: server,
    stores: [sqlite(db, { name: 'ledger' })],
    operations: [pay],
    invariants: [exactlyOnce(pay.by(key), charged.by(key)), exactlyOnce(pay.by(key), entry.by(key))],
  }
}
