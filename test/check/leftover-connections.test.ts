// Connections to a store that code takes from a pool and never gives back: noLeftovers sees them, and blames no pool.
import { PGlite } from '@electric-sql/pglite'
import * as fc from 'fast-check'
import { Client, Pool, type PoolConfig } from 'pg'
import connect from 'postgres'
import { afterAll, describe, expect, test } from 'vitest'
import { assess, noFaults, noLeftovers, op, serve, simulate, type System } from 'two-generals'
import { postgres } from 'two-generals/postgres'
import { amount } from '../full.ts'

const db = await PGlite.create()
await db.exec('create table visits (id serial, page text)')
afterAll(() => db.close())

const insert = "insert into visits (page) values ('home')"
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What a process does for each request, with what it made as it started. */
type Boot = () => () => Promise<unknown>

const pooled =
  (work: (pool: Pool) => Promise<unknown>, config: PoolConfig = {}): Boot =>
  () => {
    const pool = new Pool({ host: 'db', ...config }).on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    return () => work(pool)
  }

async function releasing(pool: Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query(insert)
    await later(50)
  } finally {
    client.release()
  }
}

async function keeping(pool: Pool): Promise<void> {
  const client = await pool.connect()
  await client.query(insert)
}

const leaking: Readonly<Record<string, Boot>> = {
  'pg: a client of a pool that is not released': pooled(keeping),
  'pg: one that is not released where its work fails': pooled(async (pool) => {
    const client = await pool.connect()
    try {
      await client.query(`${insert} returning 1 / 0`)
      client.release()
    } catch {
      // its visitor sees the page all the same
    }
  }),
  'pg: a client of its own for each request': () => async () => {
    const client = new Client({ host: 'db' })
    await client.connect()
    await client.query(insert)
  },
  'postgres.js: a connection that is reserved': () => {
    const sql = connect({ host: 'db', onnotice: () => undefined })
    return async () => {
      const own = await sql.reserve()
      await own`insert into visits (page) values ('home')`
    }
  },
}

const sound: Readonly<Record<string, Boot>> = {
  'pg: a pool': pooled((pool) => pool.query(insert)),
  'pg: a client that is released': pooled(releasing),
  'pg: a pool that closes no idle connection': pooled(releasing, { idleTimeoutMillis: 0 }),
  'pg: a pool whose clients are taken one by one': pooled(async (pool) => {
    for (let again = 0; again < 3; again++) await releasing(pool)
  }),
  'pg: a client that ends': () => async () => {
    const client = new Client({ host: 'db' }).on('error', () => undefined)
    await client.connect()
    try {
      await client.query(insert)
    } finally {
      await client.end()
    }
  },
  'postgres.js: a pool, and a reserved connection that is released': () => {
    const sql = connect({ host: 'db', onnotice: () => undefined })
    return async () => {
      const own = await sql.reserve()
      await own`insert into visits (page) values ('home')`.finally(() => own.release())
    }
  },
}

function visiting(boot: Boot): System {
  const shop = serve(() => {
    const visit = boot()
    return () =>
      visit().then(
        () => new Response(),
        () => new Response(null, { status: 500 }),
      )
  })
  return {
    nodes: { shop },
    stores: [postgres(db)],
    operations: [op('go', fc.constant(null), () => fetch('http://shop/'))],
    invariants: [noLeftovers()],
    tolerates: ['lose', 'delay', 'hang', 'crash', 'error', 'pause'],
  }
}

const invocations = [0, 1, 2].map((id) => ({ id, operation: 'go', client: 0, afterMs: 500, input: null }))

describe.each(Object.entries(leaking))('%s', (_, boot) => {
  test('is named with its line', async () => {
    const history = await simulate(visiting(boot), { workload: { invocations }, plan: noFaults, seed: 1 })
    const { kind, reasons } = noLeftovers().check(history)

    expect(kind).toBe('violated')
    expect(reasons[0]?.text).toMatch(
      /^shop has a connection to db:5432 3 times when all is quiet(, opened by .*)?: go#0, go#1, go#2 left one each, .*Give it back to its pool/,
    )
  })

  test('is found', { tags: ['full'] }, async () => {
    expect((await assess(visiting(boot), { shrink: false })).kind).toBe('violated')
  })
})

describe.each(Object.entries(sound))('%s', (_, boot) => {
  test('is no leak', async () => {
    const history = await simulate(visiting(boot), { workload: { invocations }, plan: noFaults, seed: 1 })
    const { kind, reasons } = noLeftovers().check(history)
    expect({ kind, texts: reasons.map(({ text }) => text) }).toEqual({ kind: 'holds', texts: [] })
  })

  test('is none whatever fails', { tags: ['full'], timeout: 300_000 }, async () => {
    expect(await assess(visiting(boot), { numRuns: amount(200) })).toMatchObject({ kind: 'holds' })
  })
})
