import { PGlite } from '@electric-sql/pglite'
import * as fc from 'fast-check'
import { drizzle } from 'drizzle-orm/pglite'
import { integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { eq, sql } from 'drizzle-orm'
import { test, expect } from 'vitest'
import { atMostOnce, conservation, exactlyOnce, always, journal, op, rows, serve, formatAssessment, assess, simulate, noHang, historyBytes } from 'two-generals'
import { postgres } from '../../src/postgres.ts'

const client = new PGlite()
const db = drizzle({ client })
const accounts = pgTable('accounts', { name: text().primaryKey(), cents: integer().notNull() })
const log = pgTable('log', { id: uuid().defaultRandom().primaryKey(), at: timestamp().defaultNow(), what: text(), r: text().default(sql`random()::text`) })
await client.exec("create table accounts (name text primary key, cents int not null); insert into accounts values ('a', 9), ('b', 9); create table log (id uuid default gen_random_uuid() primary key, at timestamp default now(), what text, r text default random()::text)")
const go = op('go', fc.constant(null), () => fetch('http://bank/', { method: 'POST' }), { retries: 1, timeout: 5000 })
const total = conservation(rows('account', () => db.select().from(accounts), { everyCommit: true }), (a) => a.cents, { total: 18 })
const logs = rows('log', () => db.select().from(log))
const seen: string[] = []
const mk = (handler: (tx: any) => Promise<void>) => ({
  nodes: { bank: serve(() => async (r: Request) => { await handler(db); return new Response('ok') }) },
  stores: [postgres(client)],
  operations: [go],
  invariants: [total, noHang(), always('log', logs, (all: any) => true)],
})
const move = async (tx: any) => {
  await tx.update(accounts).set({ cents: sql`cents - 1` }).where(eq(accounts.name, 'a'))
  await tx.insert(log).values({ what: 'x' })
  await tx.update(accounts).set({ cents: sql`cents + 1` }).where(eq(accounts.name, 'b'))
}
test('broken', async () => {
  const a = await assess(mk(move), { seed: 1 })
  console.log(formatAssessment(a, { test: 'x' }))
  console.log((await db.select().from(accounts)))
})
test('transaction', async () => {
  const t = performance.now()
  const a = await assess(mk((db) => db.transaction(move)), { seed: 1 })
  console.log(formatAssessment(a, { test: 'x' }), performance.now() - t)
})
test('own wait', async () => {
  const a = await assess(mk((db) => db.transaction(async (tx: any) => { await move(tx); await db.select().from(log) })), { seed: 1 })
  console.log(formatAssessment(a, { test: 'x' }))
})
test('repeats', async () => {
  const system = mk((db) => db.transaction(move))
  const bytes = new Set<string>()
  const rowsSeen = new Set<string>()
  for (let i = 0; i < 30; i++) {
    const h: any = await simulate(system as any, { seed: 3, plan: { kind: 'listed', faults: [] }, workload: { invocations: [0, 1, 2].map((n) => ({ client: n, atMs: n * 7, operation: 'go', input: null })) } } as any).catch((e: any) => { console.log(e); throw e })
    bytes.add(JSON.stringify(h.history?.events ?? h.events))
    rowsSeen.add(JSON.stringify(h.history?.readings ?? h.readings))
  }
  console.log(bytes.size, rowsSeen.size, [...rowsSeen][0]?.slice(0, 600))
})
