// Write skew: of two doctors on call each may leave as long as the other stays. Both ask at the same moment, each
// transaction sees the other doctor on call, and at repeatable read both commit: nobody is on call. No fault is needed,
// only a database with two sessions. The sound twin asks PostgreSQL for serializable transactions, and tries again
// where it says that one of two could not be ordered (40001).
import * as fc from 'fast-check'
import { Hono } from 'hono'
import { Pool, type PoolClient } from 'pg'
import { eventually, op, rows, serve, type System } from 'two-generals'
import { postgres, startPostgres } from 'two-generals/postgres'

type Level = 'repeatable read' | 'serializable'

const retries = 5

/** The duty roster, as each process serves it. */
function roster(level: Level): Hono {
  const pool = new Pool({ host: 'roster.internal', max: 5 })
  pool.on('error', () => undefined) // an idle connection was lost: the pool opens another one

  async function leave(client: PoolClient, doctor: string): Promise<boolean> {
    await client.query(`begin isolation level ${level}`)
    const { rows: onCall } = await client.query('select name from doctors where on_call')
    const mayLeave = onCall.length > 1
    if (mayLeave) await client.query('update doctors set on_call = false where name = $1', [doctor])
    await client.query('commit')
    return mayLeave
  }

  return new Hono().post('/leave/:doctor', async (c) => {
    for (let attempt = 0; ; attempt++) {
      const client = await pool.connect()
      try {
        const left = await leave(client, c.req.param('doctor'))
        client.release()
        return c.json({ left }, left ? 200 : 409)
      } catch (error) {
        client.release(true) // what it has begun is rolled back
        const isOfOrder = error instanceof Error && 'code' in error && error.code === '40001'
        if (!isOfOrder || attempt === retries) throw error
      }
    }
  })
}

const server = await startPostgres({
  migrate: (db) =>
    db.exec(`
      create table doctors (name text primary key, on_call boolean);
      insert into doctors values ('ada', true), ('bob', true);
    `),
})

const leave = op('leave', fc.constantFrom('ada', 'bob'), (doctor) =>
  fetch(`http://roster/leave/${doctor}`, { method: 'POST' }),
)
const doctors = rows(
  'doctor',
  async () => (await server.query<{ name: string; on_call: boolean }>('select * from doctors')).rows,
)

/** The roster at one of the two levels. */
export function dutyRoster(level: Level): System {
  return {
    nodes: { roster: serve(() => roster(level)) },
    stores: [postgres(server)],
    operations: [leave],
    invariants: [eventually('somebody is on call', doctors, (all) => all.some(({ on_call }) => on_call))],
  }
}
