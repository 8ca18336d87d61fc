import * as fc from 'fast-check'
import { exactlyOnce, op, requests, serve, sqlite } from 'two-generals'
import { testResilience } from 'two-generals/vitest'
import { db, naive, server } from '../examples/charge.ts'

const pay = op('pay', fc.record({ order: fc.uuid(), amount: fc.integer({ min: 1 }) }),
  (order) => fetch('http://shop/orders', { method: 'POST', body: JSON.stringify(order) }), { retries: 2, timeout: 5_000 })
const charge = requests('charge', 'POST https://api.payments.example/v1/charges',
  async (request) => await request.json() as { order: string }, { replays: 'idempotency-key' })

testResilience('an order is charged once', {
  nodes: { shop: serve(() => naive) },
  outside: server,
  stores: [sqlite(db)],
  operations: [pay],
  invariants: [exactlyOnce(pay.by((p) => p.order), charge.by((c) => c.order))],
})
