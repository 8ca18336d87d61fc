import { PGlite } from '@electric-sql/pglite'
import * as fc from 'fast-check'
import pg from 'pg'
import postgresJs from 'postgres'
import { test } from 'vitest'
import { exactlyOnce, op, rows, serve, formatAssessment, assess } from 'two-generals'
import { postgres } from '../../src/postgres.ts'

const db = new PGlite()
await db.exec("create table orders (id text primary key, amount int, at timestamptz default now()); create table audit (n serial, what text)")
const pay = op('pay', fc.record({ id: fc.uuid(), amount: fc.integer({ min: 1 }) }), (o) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(o) }), { retries: 2, timeout: 5000 })
const order = rows('order', async () => (await db.query('select id, amount from orders')).rows as { id: string }[])
const audit = rows('audit', async () => (await db.query('select what from audit')).rows as { what: string }[])
const mk = (boot: () => (o: any) => Promise<void>) => ({
  nodes: { shop: serve(() => { const handler = boot(); return async (r: Request) => { await handler(await r.json()); return new Response('ok') } }) },
  stores: [postgres(db)],
  operations: [pay],
  invariants: [exactlyOnce(pay.by((p) => p.id), order.by((o) => o.id)), exactlyOnce(pay.by((p) => p.id), audit.by((o) => o.what))],
})
const pool = new pg.Pool({ host: 'localhost', max: 4 })
pool.on('error', () => {})
test('pg broken', async () => {
  const a = await assess(mk(() => async (o) => { await pool.query('insert into orders (id, amount) values ($1, $2) on conflict do nothing', [o.id, o.amount]); await pool.query('insert into audit(what) values ($1)', [o.id]) }), { seed: 1 })
  console.log(formatAssessment(a, { test: 'x' }))
})
test('pg transaction', async () => {
  const t = performance.now()
  const a = await assess(mk(() => async (o) => {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const r = await client.query('insert into orders (id, amount) values ($1, $2) on conflict do nothing', [o.id, o.amount])
      if (r.rowCount === 1) await client.query('insert into audit(what) values ($1)', [o.id])
      await client.query('COMMIT')
      client.release()
    } catch (e) { client.release(true); throw e }
  }), { seed: 1 })
  console.log(formatAssessment(a, { test: 'x' }), performance.now() - t)
})
test('postgres.js', async () => {
  const t = performance.now()
  const a = await assess(mk(() => { const sql = postgresJs({ host: 'localhost', max: 4 }); return async (o) => {
    await sql.begin(async (sql) => {
      const r = await sql`insert into orders (id, amount) values (${o.id}, ${o.amount}) on conflict do nothing`
      if (r.count === 1) await sql`insert into audit(what) values (${o.id})`
    })
  } }), { seed: 1 })
  console.log(formatAssessment(a, { test: 'x' }), performance.now() - t)
})
