// Ten tests of a user, for a file each: a bank of Express that asks a limit service by axios, and debits accounts in
// PostgreSQL by pg. PGlite answers. Five ways of debiting once for each request, under a client that asks once and one
// that asks again.
import { PGlite } from '@electric-sql/pglite'
import axios from 'axios'
import express, { type Express } from 'express'
import * as fc from 'fast-check'
import { Pool, type PoolClient } from 'pg'
import { atMostOnce, op, rows, serve, type System } from 'two-generals'
import { postgres } from 'two-generals/postgres'
import { testResilience } from 'two-generals/vitest'

interface Withdrawal {
  readonly id: string
  readonly cents: number
}

const db = await PGlite.create()
await db.exec(`
  create table debits (id serial primary key, request text not null, cents integer not null);
  create table seen (request text primary key);
  create unique index once on debits (request)
`)

const insert = 'insert into debits (request, cents) values ($1, $2)'

async function transaction(pool: Pool, work: (client: PoolClient) => Promise<unknown>): Promise<void> {
  const client = await pool.connect()
  let failed = true
  try {
    await client.query('begin')
    await work(client)
    await client.query('commit')
    failed = false
  } finally {
    client.release(failed)
  }
}

type Debit = (pool: Pool, withdrawal: Withdrawal) => Promise<unknown>

const ways: Readonly<Record<string, Debit>> = {
  'on conflict do nothing': (pool, { id, cents }) => pool.query(`${insert} on conflict do nothing`, [id, cents]),
  'on conflict do update': (pool, { id, cents }) =>
    pool.query(`${insert} on conflict (request) do update set cents = excluded.cents`, [id, cents]),
  'insert where there is none': (pool, { id, cents }) =>
    pool.query(
      `insert into debits (request, cents) select $1, $2 where not exists (select 1 from debits where request = $1)`,
      [id, cents],
    ),
  'remembers requests in the transaction': (pool, { id, cents }) =>
    transaction(pool, async (client) => {
      const { rowCount } = await client.query('insert into seen values ($1) on conflict do nothing', [id])
      if (rowCount === 1) await client.query(insert, [id, cents])
    }),
  'looks and inserts in a transaction': (pool, { id, cents }) =>
    transaction(pool, async (client) => {
      const { rowCount } = await client.query('select 1 from debits where request = $1', [id])
      if (rowCount === 0) await client.query(insert, [id, cents])
    }),
}

function bank(debit: Debit): Express {
  const pool = new Pool({ host: 'db.bank.internal', max: 3 }).on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return express()
    .use(express.json())
    .post('/withdrawals', async (request, response) => {
      const withdrawal = request.body as Withdrawal
      const { data } = await axios.get<{ limit: number }>('http://limits/ada', { timeout: 2_000 })
      const isAllowed = withdrawal.cents <= data.limit
      if (isAllowed) await debit(pool, withdrawal)
      response.status(isAllowed ? 201 : 409).end()
    })
}

function limits(): Express {
  return express().get('/:account', (_, response) => void response.json({ limit: 100 }))
}

const debited = rows('debit', async () => (await db.query<{ request: string }>('select request from debits')).rows)

function withdrawing(debit: Debit, instances: number, retries: number): System {
  const withdraw = op(
    'withdraw',
    fc.record({ id: fc.uuid(), cents: fc.integer({ min: 1, max: 100 }) }),
    (withdrawal: Withdrawal) => axios.post('http://bank/withdrawals', withdrawal),
    { retries, timeout: 10_000 },
  )
  return {
    nodes: { bank: serve(() => bank(debit), { instances }), limits: serve(limits) },
    stores: [postgres(db)],
    operations: [withdraw],
    invariants: [atMostOnce(debited.by(({ request }) => request))],
  }
}

/** Declares the tests of a bank that has so many processes. */
export function withdrawals(instances: number): void {
  for (const [way, debit] of Object.entries(ways)) {
    testResilience(`${way}, asked once`, withdrawing(debit, instances, 0))
    testResilience(`${way}, asked again`, withdrawing(debit, instances, 1))
  }
}
