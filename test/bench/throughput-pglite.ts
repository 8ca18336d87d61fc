// throughput-pglite: histories of one node with six statements on an embedded PostgreSQL and a reset, beside the same
// six statements on the same database, put back as a careful developer does it: TRUNCATE and INSERT.
import { PGlite } from '@electric-sql/pglite'
import * as fc from 'fast-check'
import { noFaults, noHang, op, serve, type System } from '../../src/index.ts'
import { postgres } from '../../src/postgres.ts'
import { open } from '../../src/simulation.ts'
import { alternate } from './alternate.ts'
import type { Effort, Result } from './result.ts'

const pairs = { quick: 25, full: 100 }
const schema = 'create table orders (id text primary key, amount int); create table audit (n serial, what text)'

export async function* throughputPglite({ quick }: Effort): AsyncGenerator<Result, void> {
  const [ours, plain] = [await PGlite.create(), await PGlite.create()]
  for (const db of [ours, plain]) await db.exec(schema)
  const workload = { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: null }] }
  const simulation = await open(paying(ours))
  try {
    const { ours: value, ...rest } = await alternate(
      async () => void (await simulation.run({ workload, plan: noFaults, seed: 1 })),
      async () => {
        await plain.exec('truncate orders, audit restart identity')
        await statements(plain)
      },
      quick ? pairs.quick : pairs.full,
    )
    yield { name: 'throughput-pglite', value, unit: 'histories/s', ...rest }
  } finally {
    await simulation.close()
    await ours.close()
    await plain.close()
  }
}

/** Six, two of them in a transaction with its begin and commit. */
async function statements(db: PGlite): Promise<void> {
  await db.query('select amount from orders where id = $1', ['a'])
  await db.transaction(async (tx) => {
    await tx.query('insert into orders values ($1, $2)', ['a', 5])
    await tx.query('insert into audit (what) values ($1)', ['a'])
  })
  await db.query('select count(*) from audit')
}

function paying(db: PGlite): System {
  return {
    nodes: {
      shop: serve(() => async () => {
        await statements(db)
        return new Response('done')
      }),
    },
    stores: [postgres(db)],
    operations: [op('pay', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [noHang()],
  }
}
