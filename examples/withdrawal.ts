// A lost acknowledgement (PHENOMENA 2): an account is debited and the transaction committed, but its answer is lost on
// the way. The bank reports an error, the shop asks again, and the account is debited twice. The sound twin remembers
// the request's id in the same transaction. Drizzle and the driver pg are as in production; in the test an embedded
// PostgreSQL answers.
import { PGlite } from '@electric-sql/pglite'
import { eq, sql } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { Pool } from 'pg'
import { atMostOnce, op, rows, serve, type System } from 'two-generals'
import { postgres } from 'two-generals/postgres'

const accounts = pgTable('accounts', { name: text().primaryKey(), cents: integer().notNull() })
const debits = pgTable('debits', { request: text().notNull(), cents: integer().notNull() })
const requests = pgTable('requests', { id: text().primaryKey() })

interface Withdrawal {
  readonly id: string
  readonly cents: number
}

/** The bank's database, as each process opens it. */
function connect(): NodePgDatabase {
  const pool = new Pool({ host: 'db.bank.internal', max: 5 })
  pool.on('error', () => undefined) // an idle connection was lost: the pool opens another one
  return drizzle({ client: pool })
}

type Transaction = Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0]

async function debit(tx: Transaction, { id, cents }: Withdrawal): Promise<void> {
  await tx
    .update(accounts)
    .set({ cents: sql`${accounts.cents} - ${cents}` })
    .where(eq(accounts.name, 'ada'))
  await tx.insert(debits).values({ request: id, cents })
}

/** Debits for each request that it gets. */
export function debitEach(db: NodePgDatabase): Hono {
  return new Hono().post('/withdrawals', async (c) => {
    const withdrawal = await c.req.json<Withdrawal>()
    await db.transaction((tx) => debit(tx, withdrawal))
    return c.json({ ok: true }, 201)
  })
}

/** Debits only where the request is new: its id and the debit are committed together. */
export function rememberRequest(db: NodePgDatabase): Hono {
  return new Hono().post('/withdrawals', async (c) => {
    const withdrawal = await c.req.json<Withdrawal>()
    await db.transaction(async (tx) => {
      const isNew = await tx.insert(requests).values({ id: withdrawal.id }).onConflictDoNothing().returning()
      if (isNew.length > 0) await debit(tx, withdrawal)
    })
    return c.json({ ok: true }, 201)
  })
}

const embedded = await PGlite.create()
await embedded.exec(`
  create table accounts (name text primary key, cents integer not null);
  create table debits (request text not null, cents integer not null);
  create table requests (id text primary key);
  insert into accounts values ('ada', 10000)
`)

const withdraw = op(
  'withdraw',
  fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 100 }) }),
  (withdrawal) => fetch('http://bank/withdrawals', { method: 'POST', body: JSON.stringify(withdrawal) }),
  { retries: 1, timeout: 10_000 },
)
const debited = rows(
  'debit',
  async () => (await embedded.query<{ request: string }>('select request from debits')).rows,
)

/** The bank with one of the two. */
export function withdrawing(bank: (db: NodePgDatabase) => Hono): System {
  return {
    nodes: { bank: serve(() => bank(connect())) },
    stores: [postgres(embedded)],
    operations: [withdraw],
    invariants: [atMostOnce(debited.by(({ request }) => request))],
  }
}
