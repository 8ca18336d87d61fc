// What the charge example claims, for each of its twins.
import * as fc from 'fast-check'
import type { Hono } from 'hono'
import { exactlyOnce, op, requests, rows, serve, sqlite, type System } from 'two-generals'
import { db, type Order } from './charge.ts'
import { server } from './payments.ts'

const pay = op('pay', fc.record({ order: fc.uuid(), amount: fc.integer({ min: 1 }) }),
  (order) => fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(order) }), { retries: 2, timeout: 5_000 })
const charge = requests('charge', 'POST https://api.payments.example/v1/charges',
  async (request) => await request.json() as Order, { replays: 'idempotency-key' })
const entry = rows('ledger entry', () => db.prepare('select order_id as "order" from ledger').all() as unknown as Pick<Order, 'order'>[])

export function charging(app: Hono): System {
  return {
    nodes: { shop: serve(() => app) },
    outside: server,
    stores: [sqlite(db, { name: 'ledger' })],
    operations: [pay],
    invariants: [
      exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order)),
      exactlyOnce(pay.by((p) => p.order), entry.by((e) => e.order)),
    ],
  }
}
