// What PostgreSQL does of its own: it takes no writes, as after a failover; a replica that lags answers a read; it has
// too many connections; a connection ends inside a transaction. For each a handler that breaks under it, and its twin.
import { PGlite } from '@electric-sql/pglite'
import { Pool } from 'pg'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { assess, atLeastOnce, atMostOnce, always, journal, rows, serve, type System } from '../../src/index.ts'
import { postgres, type PostgresOptions } from '../../src/postgres.ts'
import type { Fault } from '../../src/scenario/fault/registry.ts'
import { everyFault, singleFaults } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { breaks, nothingToJudge, post, runOnce, scenarioOf } from '../simulate/systems.ts'

const db = await PGlite.create()
afterAll(() => db.close())
beforeEach(async () => {
  await db.exec(`
    drop table if exists notes; drop table if exists counts;
    create table notes (id serial primary key, text text);
    create table counts (n int); insert into counts values (0);
  `)
})

type Query = (sql: string) => Promise<{ readonly rows: readonly object[] }>

/** Both ways to the database: PGlite's own methods, and a driver over a socket. */
const ways: readonly (readonly [string, () => Query])[] = [
  ['PGlite', () => (sql) => db.query<object>(sql)],
  [
    'pg',
    () => {
      const pool = new Pool({ host: 'db.internal', max: 2 }).on('error', () => undefined)
      return (sql) => pool.query<object>(sql)
    },
  ],
]

/** A system of one node, whose code runs for each operation. */
function systemOf(
  code: (query: Query) => unknown,
  connect: () => Query,
  options: PostgresOptions<PGlite> = {},
): System {
  const shop = serve(() => {
    const query = connect()
    return async () => new Response(String(await code(query)))
  })
  return {
    nodes: { shop },
    stores: [postgres(db, options)],
    operations: [post('act', 'http://shop/')],
    invariants: [nothingToJudge],
  }
}

async function singlesOf(system: System): Promise<readonly Fault[]> {
  const simulation = await open(system)
  try {
    const { sites } = await simulation.run(scenarioOf(system), { collect: true })
    return singleFaults(sites, everyFault)
  } finally {
    await simulation.close()
  }
}

describe.each(ways)('a database that takes no writes, through %s', (_, connect) => {
  const tried: unknown[] = []
  const trying = async (query: Query, ...statements: readonly string[]): Promise<void> => {
    for (const sql of statements) {
      tried.push(
        await query(sql).then(
          () => 'done',
          (error: unknown) => [Reflect.get(error as Error, 'code') as unknown, (error as Error).message],
        ),
      )
    }
  }
  const under = async (code: (query: Query) => unknown, more: object = {}): Promise<unknown> => {
    const system = systemOf(code, connect)
    const fault = (await singlesOf(system)).find(({ kind }) => kind === 'readonly')
    if (fault === undefined) throw new Error('no such fault')
    tried.length = 0
    const { fired } = await runOnce(system, scenarioOf(system, [{ ...fault, ...more }]))
    expect(fired).toHaveLength(1)
    return [...tried]
  }
  const refused = ['25006', 'cannot execute INSERT in a read-only transaction']
  const insert = "insert into notes (text) values ('it')"

  test('refuses them as PostgreSQL does, answers reads, and takes them again when that is over', async () => {
    expect(await under((query) => trying(query, insert, 'select * from notes', insert))).toEqual([
      refused,
      'done',
      refused,
    ])
    expect(await under((query) => trying(query, insert, 'select * from notes', insert), { forMs: 50 })).toEqual([
      refused,
      'done',
      'done',
    ])
    expect((await db.query('show default_transaction_read_only')).rows).toEqual([
      { default_transaction_read_only: 'off' },
    ])
  })
})

test('a transaction in which a write is refused is rolled back, to where it was saved at most', async () => {
  const tried: unknown[] = []
  const system = systemOf(
    async () => {
      await db.transaction(async (tx) => {
        await tx.query('update counts set n = n + 1')
        await tx.exec('savepoint here')
        await tx.query("insert into notes (text) values ('it')").catch(async (error: Error) => {
          tried.push(error.message)
          await tx.exec('rollback to here')
        })
      })
      tried.push((await db.query('select n from counts')).rows)
    },
    () => () => Promise.reject(new Error('unused')),
  )
  const fault = (await singlesOf(system)).find(({ kind, at }) => kind === 'readonly' && at.operation === 'insert notes')
  tried.length = 0

  await runOnce(system, scenarioOf(system, fault === undefined ? [] : [fault]))

  expect(tried).toEqual(['cannot execute INSERT in a read-only transaction', [{ n: 1 }]])
})

describe.each(ways)('a read from a replica that lags, through %s', (_, connect) => {
  test('sees what there was, writes nothing, and is none of a transaction', async () => {
    const read: unknown[] = []
    const system = systemOf(
      async (query) => {
        for (let n = 1; n <= 3; n++) await query(`update counts set n = ${n}`)
        for (let again = 0; again < 2; again++) read.push(...(await query('select n from counts')).rows)
      },
      connect,
      { replica: true },
    )
    const stale = (await singlesOf(system)).find(({ kind }) => kind === 'stale')
    if (stale === undefined) throw new Error('no such fault')
    const asOf = async (age: object): Promise<unknown> => {
      read.length = 0
      const { fired } = await runOnce(system, scenarioOf(system, [{ kind: 'stale', at: stale.at, ...age }]))
      return [fired.length, ...read]
    }

    expect(await asOf({ writes: 1 })).toEqual([1, { n: 2 }, { n: 3 }])
    expect(await asOf({ writes: 9 })).toEqual([1, { n: 0 }, { n: 3 }])
    expect(await asOf({ byMs: 1 })).toEqual([1, { n: 3 }, { n: 3 }]) // the write was heard of while the read was sent
    expect(await asOf({ byMs: 60 })).toEqual([1, { n: 2 }, { n: 3 }])
    expect((await db.query('select n from counts')).rows).toEqual([{ n: 0 }])
  })

  test('is only where the database is said to have one', async () => {
    const code = async (query: Query): Promise<void> => {
      await query('update counts set n = 1')
      await query('select n from counts')
    }
    const kinds = async (options: PostgresOptions<PGlite>): Promise<readonly string[]> =>
      (await singlesOf(systemOf(code, connect, options))).map(({ kind }) => kind)

    expect(await kinds({})).not.toContain('stale')
    expect(await kinds({ replica: true })).toContain('stale')
  })
})

// Who breaks under what.

const noted = rows('note', async () => (await db.query<{ text: string }>('select text from notes')).rows)
const seen = journal<boolean>('seen')

/** Answers whatever came of the write. */
function careless(): System {
  const save = post('act', 'http://shop/')
  return {
    ...systemOf(
      (query) => query("insert into notes (text) values ('it')").catch(() => undefined),
      () => (sql) => db.query(sql),
    ),
    operations: [save],
    invariants: [
      atLeastOnce(
        save.by(() => 'it'),
        noted.by(({ text }) => text),
      ),
    ],
  }
}

/** Adds one, and looks: at once, or in the transaction that adds. */
function counting(how: 'at once' | 'where it wrote'): System {
  const code = async (): Promise<void> => {
    const inside = await db.transaction(async (tx) => {
      await tx.query('update counts set n = n + 1')
      return (await tx.query<{ n: number }>('select n from counts')).rows[0]?.n
    })
    const outside = how === 'at once' ? (await db.query<{ n: number }>('select n from counts')).rows[0]?.n : inside
    seen.add(outside !== undefined && outside >= (inside ?? 0))
  }
  return {
    ...systemOf(code, () => (sql) => db.query(sql), { replica: true }),
    invariants: [always('what was added is seen', seen, (all) => all.every(Boolean))],
  }
}

test('a refused write breaks who does not tell; a lagging replica breaks who does not read where it wrote', async () => {
  expect(await breaks(careless())).toContain('readonly request of insert notes')
  expect(await breaks(counting('at once'))).toEqual(['stale request of select counts'])
  expect(await breaks(counting('where it wrote'))).toEqual([])
})

/** Notes something in one transaction, over `pg`. The broken one does it again after any error. */
function noting(how: 'again' | 'once'): System {
  const shop = serve(() => {
    const pool = new Pool({ host: 'db.internal', max: 2 }).on('error', () => undefined)
    const transacted = async (): Promise<void> => {
      const client = await pool.connect()
      client.on('error', () => undefined) // else a connection that is lost ends the process, as in production
      try {
        await client.query('begin')
        await client.query("insert into notes (text) values ('it')")
        await client.query('commit')
        client.release()
      } catch (error) {
        client.release(true)
        throw error
      }
    }
    return async () => {
      await (how === 'once' ? transacted() : transacted().catch(transacted))
      return new Response('noted')
    }
  })
  return {
    nodes: { shop },
    stores: [postgres(db)],
    operations: [post('act', 'http://shop/')],
    invariants: [atMostOnce(noted.by(({ text }) => text))],
  }
}

describe('what already is a fault of calls', () => {
  test('a connection that ends inside a transaction, or with the answer to its commit', async () => {
    const broken = await breaks(noting('again'))
    expect(broken).toEqual(expect.arrayContaining(['reset reply of commit', 'lose reply of commit']))
    expect(broken.filter((label) => label.includes('insert notes'))).toEqual([])
    expect(await breaks(noting('once'))).toEqual([])
  })
})

test.each(['throttle', 'reset'] as const)('%s is among the faults of a statement', async (kind) => {
  const assessment = await assess({ ...noting('once'), maxOperations: 1, tolerates: [kind] }, { numRuns: 0 })
  expect(assessment.kind === 'holds' && assessment.explored.fired[kind]).toBeGreaterThan(0)
})
