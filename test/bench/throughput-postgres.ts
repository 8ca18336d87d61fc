// throughput-postgres: histories of one node with six statements on a real PostgreSQL server and a reset, beside the
// same six statements by the same driver on the same server, put back as a careful developer does it. CPU of both
// sides: this process and the server's.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { Pool } from 'pg'
import { noFaults, noHang, op, serve, type System } from '../../src/index.ts'
import { postgres, startPostgres, type PostgresServer } from '../../src/postgres.ts'
import { open } from '../../src/simulation.ts'
import type { Effort, Result } from './result.ts'

const rounds = { quick: 10, full: 40 }
const perRound = 20
const schema = 'create table orders (id text primary key, amount int); create table audit (n serial, what text)'

export async function* throughputPostgres({ quick }: Effort): AsyncGenerator<Result, void> {
  const db = await startPostgres({ migrate: (server) => server.exec(schema) })
  const pool = new Pool({ connectionString: db.connectionString, max: 2 })
  const workload = { invocations: [{ id: 0, operation: 'pay', client: 0, afterMs: 0, input: null }] }
  const simulation = await open(paying(db))
  const ours = (): Promise<unknown> => simulation.run({ workload, plan: noFaults, seed: 1 })
  const plain = async (): Promise<void> => {
    await pool.query('truncate orders, audit restart identity')
    await statements(pool)
  }
  try {
    for (const run of [ours, plain]) await spentBy(db, run)
    const ratios: number[] = []
    const [oursMs, plainMs]: [number[], number[]] = [[], []]
    for (let round = 0; round < (quick ? rounds.quick : rounds.full); round++) {
      const [a, b] = [await spentBy(db, ours), await spentBy(db, plain)]
      ratios.push(b / a)
      oursMs.push(a)
      plainMs.push(b)
    }
    const sorted = ratios.toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? NaN
    yield {
      ...{ name: 'throughput-postgres', value: middle(oursMs), unit: 'ms of CPU', baseline: middle(plainMs) },
      ...{ ratio: at(0.5), p10: at(0.1), p90: at(0.9) },
    }
  } finally {
    await simulation.close()
    await pool.end()
    await db.stop()
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

/** Milliseconds of CPU of one run, on both sides. */
async function spentBy(db: PostgresServer, run: () => Promise<unknown>): Promise<number> {
  const before = [process.cpuUsage(), serverMs(db)] as const
  for (let times = 0; times < perRound; times++) await run()
  const { user, system } = process.cpuUsage(before[0])
  return ((user + system) / 1_000 + serverMs(db) - before[1]) / perRound
}

/** CPU of a server's processes, in milliseconds. Linux. */
function serverMs({ socketFolder }: PostgresServer): number {
  const [postmaster = ''] = readFileSync(join(socketFolder, 'data/postmaster.pid'), 'utf8').split('\n')
  const tickMs = 10
  let ticks = 0
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')')).split(' ')
      if (fields[2] !== postmaster) continue
      ticks += Number(fields[12]) + Number(fields[13])
    } catch {
      // it has ended meanwhile
    }
  }
  return ticks * tickMs
}

/** Six, two of them in a transaction with its begin and commit. */
async function statements(pool: Pool): Promise<void> {
  await pool.query('select amount from orders where id = $1', ['a'])
  const client = await pool.connect()
  await client.query('begin')
  await client.query('insert into orders values ($1, $2)', ['a', 5])
  await client.query('insert into audit (what) values ($1)', ['a'])
  await client.query('commit')
  client.release()
  await pool.query('select count(*) from audit')
}

function paying(db: PostgresServer): System {
  return {
    nodes: {
      shop: serve(() => {
        const pool = new Pool({ host: 'db', max: 2 }).on('error', () => undefined)
        return async () => {
          await statements(pool)
          return new Response('done')
        }
      }),
    },
    stores: [postgres(db)],
    operations: [op('pay', fc.constant(null), () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [noHang()],
  }
}
