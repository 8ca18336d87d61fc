// A real PostgreSQL server as a store: what its sessions do to each other in virtual time, what comes back before each
// history, and what is refused by name.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Pool, type PoolClient } from 'pg'
import connect from 'postgres'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { serve, type System } from '../../src/index.ts'
import { postgres, startPostgres, type PostgresOptions, type PostgresServer } from '../../src/postgres.ts'
import { everyFault, singleFaults } from '../../src/scenario/plan.ts'
import { open } from '../../src/simulation.ts'
import { amount } from '../full.ts'
import { act, nothingToJudge, runOnce, scenarioOf } from '../simulate/systems.ts'

const db = await startPostgres()
afterAll(() => db.stop())
beforeEach(() =>
  db.exec(`
    drop schema public cascade; create schema public;
    create table accounts (name text primary key, cents int not null);
    insert into accounts values ('ada', 100), ('bob', 100);
    create table notes (id serial primary key, text text, at timestamptz default current_timestamp);
  `),
)

interface Refusal {
  readonly code?: string
  readonly message: string
}

/** What became of a statement. */
async function became(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: Refusal) => error.code ?? error.message,
  )
}

function poolOf(more: object = {}): Pool {
  return new Pool({ host: 'db.internal', max: 5, ...more }).on('error', () => undefined)
}

/** A system of one node, whose code runs for each operation `act`. */
function systemOf(code: (pool: Pool) => unknown, options: PostgresOptions<PostgresServer> = {}, more?: object): System {
  const shop = serve(() => {
    const pool = poolOf(more)
    return async () => {
      await code(pool)
      return new Response('done')
    }
  })
  return {
    nodes: { shop },
    stores: [postgres(db, options)],
    operations: [act('act', () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [nothingToJudge],
  }
}

/** What the code of a node gives in one history, or throws. */
async function inHistory<T>(
  code: (pool: Pool) => Promise<T>,
  options: PostgresOptions<PostgresServer> = {},
  more?: object,
): Promise<T> {
  let given: { readonly value: T } | { readonly error: unknown } | undefined
  await runOnce(
    systemOf(
      async (pool) => {
        given = await code(pool).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        )
      },
      options,
      more,
    ),
  )
  if (given === undefined) throw new Error('the code did not end')
  if ('error' in given) throw given.error
  return given.value
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function moved(client: PoolClient, first: string, second: string, pauseMs: number): Promise<void> {
  await client.query('begin')
  await client.query('update accounts set cents = cents - 1 where name = $1', [first])
  await sleep(pauseMs)
  await client.query('update accounts set cents = cents + 1 where name = $1', [second])
  await client.query('commit')
}

describe('sessions', () => {
  test('one waits for the lock of another, in virtual time', async () => {
    const order = await inHistory(async (pool) => {
      const [a, b] = [await pool.connect(), await pool.connect()]
      const said: string[] = []
      const begun = Date.now()
      const note = (what: string): void => void said.push(`${Date.now() - begun} ${what}`)
      await a.query('begin')
      await a.query("update accounts set cents = 1 where name = 'ada'")
      const waits = b.query("update accounts set cents = 2 where name = 'ada'").then(() => note('b has written'))
      await sleep(10_000)
      note('a commits')
      await Promise.all([a.query('commit').then(() => note('a has committed')), waits])
      return said
    })

    expect(order).toEqual(['10080 a commits', '10120 a has committed', '10120 b has written'])
    expect((await db.query('select cents from accounts order by name')).rows).toEqual([{ cents: 100 }, { cents: 100 }])
  })

  test('of two that wait for each other, one fails a virtual second later', async () => {
    const ends = await inHistory(async (pool) => {
      const [a, b] = [await pool.connect(), await pool.connect()]
      const begun = Date.now()
      const results = await Promise.all([became(moved(a, 'ada', 'bob', 50)), became(moved(b, 'bob', 'ada', 60))])
      return [...results, Date.now() - begun]
    })

    expect(new Set([...ends].slice(0, 2))).toEqual(new Set(['40P01', 'done']))
    expect(ends[2]).toBeGreaterThan(1_000)
    expect(ends[2]).toBeLessThan(1_400)
  })

  test('time limits are virtual', async () => {
    const ends = await inHistory(async (pool) => {
      const [a, b, c] = [await pool.connect(), await pool.connect(), await pool.connect()]
      await a.query('begin')
      await a.query('lock table accounts')
      await b.query("set lock_timeout = '3s'")
      await c.query('begin')
      await c.query('set local statement_timeout = 2000')
      const begun = Date.now()
      const tried = [b, c].map(async (client) => [
        await became(client.query('select * from accounts')),
        Date.now() - begun,
      ])
      const results = await Promise.all(tried)
      await c.query('rollback')
      const shown = await c.query<{ statement_timeout: string }>('show statement_timeout')
      return [...results, Object.values(shown.rows[0] ?? {})]
    })

    expect(ends).toEqual([['55P03', 3_040], ['57014', 2_040], ['']])
  })

  test('limits that a client asks for as it connects are virtual, too', async () => {
    const end = await inHistory(
      async (pool) => {
        const [a, b] = [await pool.connect(), await pool.connect()]
        await a.query('begin')
        await a.query('lock table accounts')
        const begun = Date.now()
        return [await became(b.query('select * from accounts')), Date.now() - begun]
      },
      {},
      { statement_timeout: 5_000 },
    )

    expect(end).toEqual(['57014', 5_040])
  })

  test('a transaction that is idle for too long ends, and who waits for it goes on', async () => {
    const end = await inHistory(
      async (pool) => {
        const client = await pool.connect()
        client.on('error', () => undefined)
        await client.query('begin')
        await client.query("update accounts set cents = 0 where name = 'ada'")
        const begun = Date.now()
        const other = await pool.connect()
        await other.query("update accounts set cents = cents + 1 where name = 'ada'")
        const waitedMs = Date.now() - begun
        const { rows } = await other.query<{ cents: number }>("select cents from accounts where name = 'ada'")
        return [waitedMs, rows[0]?.cents, await became(client.query('commit'))]
      },
      {},
      { idle_in_transaction_session_timeout: 5_000 },
    )

    expect(end).toEqual([5_000, 101, 'Client has encountered a connection error and is not queryable'])
  })

  test('a setting that there is not, asked for as a client connects', async () => {
    const ends = await inHistory(
      async (pool) => {
        const end = await became(pool.query('select 1'))
        const own = poolOf()
        await own.query('lock table accounts').catch(() => undefined) // it holds nobody up
        return [end, await became(own.query('select * from accounts'))]
      },
      {},
      { options: '-c nonsense=1' },
    )

    expect(ends).toEqual(['unrecognized configuration parameter "nonsense"', 'done'])
  })

  test('a driver that cancels a statement that waits', async () => {
    const end = await inHistory(async () => {
      const sql = connect({ host: 'db.internal', max: 2, onnotice: () => undefined })
      await sql`select 1`
      const held = await sql.reserve()
      await held`begin`
      await held`lock table accounts`
      const waits = sql`select * from accounts`
      const ended = became(waits.execute())
      await sleep(500)
      waits.cancel()
      return ended
    })

    expect(end).toBe('57014')
  })

  test('advisory locks, SKIP LOCKED and unique keys are those of several sessions', async () => {
    const ends = await inHistory(async (pool) => {
      const [a, b] = [await pool.connect(), await pool.connect()]
      const free = 'select pg_try_advisory_lock(7) as free'
      const locks = [
        (await a.query<{ free: boolean }>(free)).rows[0]?.free,
        (await b.query<{ free: boolean }>(free)).rows[0]?.free,
      ]
      await Promise.all([a.query('begin'), b.query('begin')])
      const next = 'select name from accounts order by name limit 1 for update skip locked'
      const names = [(await a.query(next)).rows[0] as unknown, (await b.query(next)).rows[0] as unknown]
      const insert = "insert into accounts values ('eve', 0)"
      await a.query(insert)
      const second = became(b.query(insert))
      await a.query('commit')
      return [locks, names, await second]
    })

    expect(ends).toEqual([[true, false], [{ name: 'ada' }, { name: 'bob' }], '23505'])
  })

  test('a story says who waits for whom', async () => {
    const { history } = await runOnce(
      systemOf(async (pool) => {
        const [a, b] = [await pool.connect(), await pool.connect()]
        await a.query('begin')
        await a.query('lock table accounts')
        const waits = b.query('select * from accounts')
        await sleep(100)
        await a.query('commit')
        await waits
      }),
      undefined,
      { annotate: true },
    )

    expect(JSON.stringify([...history.notes])).toContain('waits for a lock of shop')
  })

  test('more connections than it takes are told so', async () => {
    const ends = await inHistory(
      async (pool) => {
        await pool.connect()
        const first = pool.query('select 1')
        return [await became(first), await became(pool.query('select 1'))]
      },
      { maxConnections: 0 + 1 },
    )

    expect(ends).toEqual(['done', 'done'])
    expect(
      await inHistory(
        async (pool) => {
          const [a, b] = [await pool.connect(), await pool.connect()]
          return [await became(a.query('select 1')), await became(b.query('select 1'))]
        },
        { maxConnections: 1 },
      ),
    ).toEqual(['done', '53300'])
  })
})

test('a process that dies rolls its transaction back, and whoever waits for it goes on', async () => {
  const ends: number[] = []
  const holder = serve(() => {
    const pool = poolOf()
    return async () => {
      const client = await pool.connect()
      await client.query('begin')
      await client.query("update accounts set cents = 0 where name = 'ada'")
      await sleep(20_000)
      await client.query('commit')
      return new Response()
    }
  })
  const waiter = serve(() => {
    const pool = poolOf()
    return async () => {
      const begun = Date.now()
      await pool.query("update accounts set cents = cents + 1 where name = 'ada'")
      ends.push(Date.now() - begun)
      return new Response()
    }
  })
  const system: System = {
    nodes: { holder, waiter },
    stores: [postgres(db)],
    operations: ['holder', 'waiter'].map((name) => act(name, () => fetch(`http://${name}/`, { method: 'POST' }))),
    invariants: [nothingToJudge],
  }
  const invocations = system.operations.map(({ name }, id) => ({
    ...{ id, operation: name, client: id, afterMs: id * 200, input: null },
  }))
  const simulation = await open(system)
  try {
    const { sites } = await simulation.run(scenarioOf(system, [], invocations), { collect: true })
    const crash = singleFaults(sites, everyFault).find(
      (fault) => fault.kind === 'crash' && JSON.stringify(fault.at).includes('"update accounts"'),
    )
    const before = await db.query('select cents from accounts order by name')
    if (crash === undefined) throw new Error('no crash is tried there')
    const { fired } = await simulation.run(scenarioOf(system, [crash], invocations))

    expect(fired).toHaveLength(1)
    expect(ends[0]).toBeGreaterThan(19_000)
    expect(ends[1]).toBeLessThan(1_000)
    expect(before.rows).toEqual([{ cents: 1 }, { cents: 100 }])
    expect((await db.query('select cents from accounts order by name')).rows).toEqual([{ cents: 101 }, { cents: 100 }])
  } finally {
    await simulation.close()
  }
})

describe('what it is told', () => {
  test('the time, numbers and uuids are those of the simulation, and equal in each run', async () => {
    const asked = (pool: Pool): Promise<unknown> =>
      pool
        .query(
          `select now(), current_timestamp(0) as rounded, current_date::text as day, clock_timestamp() = now() as same,
           random() as number, gen_random_uuid() as id, uuidv7() as later, pg_backend_pid() as pid,
           'current_timestamp' as text`,
        )
        .then(({ rows }) => rows[0] as unknown)
    const [first, second] = [await inHistory(asked), await inHistory(asked)]

    expect(second).toEqual(first)
    expect(first).toMatchObject({ same: true, pid: 1, text: 'current_timestamp', day: '2026-01-01' })
    expect((first as { now: Date }).now.toISOString()).toBe('2026-01-01T00:00:00.040Z')
  })
})

describe('before each history', () => {
  test('rows, their order, sequences and identities are as they were', async () => {
    await db.exec(`
      create table parent (id int generated always as identity primary key, name text unique);
      create table child (parent int references parent (id) on delete cascade, n int);
      insert into parent (name) values ('p'), ('q'), ('r'); delete from parent where name = 'q';
      insert into child values (1, 1);
    `)
    const content = async (): Promise<unknown> => [
      (await db.query('select ctid::text, * from parent')).rows,
      (await db.query('select ctid::text, * from child')).rows,
      (await db.query('select * from notes')).rows,
    ]
    const seen: unknown[] = []
    const system = systemOf(async (pool) => {
      const { rows: first } = await pool.query<{ id: number }>("insert into notes (text) values ('n') returning id")
      const parent = await pool.query<{ id: number }>("insert into parent (name) values ('s') returning id")
      await pool.query("update parent set name = 'x' where name = 'p'")
      await pool.query("delete from parent where name = 'r'")
      const client = await pool.connect()
      await client.query('begin')
      await client.query('insert into child select 1, n from generate_series(1, 500) n')
      await client.query('rollback')
      seen.push([first[0]?.id, parent.rows[0]?.id])
    })
    const simulation = await open(system)
    const before = await content()
    for (let run = 0; run < 3; run++) await simulation.run(scenarioOf(system))
    await simulation.close()

    expect(seen).toEqual([
      [1, 4],
      [1, 4],
      [1, 4],
    ])
    expect(await content()).toEqual(before)
  })

  test('a history is the same byte for byte, whoever waits for whom', async () => {
    const ends: unknown[] = []
    const system = systemOf(async (pool) => {
      const clients = await Promise.all([1, 2, 3, 4].map(() => pool.connect()))
      await Promise.all(
        clients.map(async (client, index) => {
          await sleep(Math.random() * 50)
          const [first, second] = index % 2 === 0 ? ['ada', 'bob'] : ['bob', 'ada']
          ends.push(await became(moved(client, first, second, Math.random() * 50)))
          await client.query('rollback')
          await client.query("insert into notes (text) values (gen_random_uuid() || ' ' || random())")
        }),
      )
      return pool.query('select * from notes order by id')
    })
    const histories = new Set<string>()
    const simulation = await open(system)
    for (let run = 0; run < amount(100); run++) {
      const { history } = await simulation.run(scenarioOf(system), { annotate: true })
      histories.add(JSON.stringify([history.events, history.notes]))
    }
    await simulation.close()

    expect(histories.size).toBe(1)
    expect(ends).toContain('40P01')
  })

  test('a history that changes tables ends with an error', async () => {
    const system = systemOf((pool) => pool.query('create table more (n int)'))
    const simulation = await open(system)
    await simulation.run(scenarioOf(system))

    await expect(simulation.run(scenarioOf(system))).rejects.toThrow('a history changed its tables')
    await db.exec('drop table more')
    await simulation.close()
  })

  test('it begins with what seed wrote, and the server has its own content afterwards', async () => {
    const counted = async (pool: Pool): Promise<unknown> =>
      (await pool.query('select count(*)::int as n from notes')).rows

    expect(
      await inHistory(counted, { seed: (server) => server.exec("insert into notes (text) values ('s')") }),
    ).toEqual([{ n: 1 }])
    expect((await db.query('select count(*) as n from notes')).rows).toEqual([{ n: 0 }])
    await expect(
      inHistory(counted, { seed: (server) => server.exec('insert into nowhere values (1)') }),
    ).rejects.toThrow(/seed threw .*"nowhere" does not exist.* What it wrote is undone/)
  })
})

describe('what is refused', () => {
  test.each([
    ['listen news', 'LISTEN inside a simulation is not possible'],
    ['select pg_sleep(1)', 'pg_sleep() inside a simulation is not possible'],
    ['copy notes from stdin', 'COPY FROM STDIN inside a simulation is not possible'],
    ['select pg_cancel_backend(1)', 'pg_cancel_backend() and pg_terminate_backend() inside a simulation'],
    ['create database other', 'changing databases inside a simulation'],
  ])('%s', async (sql, words) => {
    await expect(inHistory((pool) => pool.query(sql))).rejects.toThrow(words)
  })

  test('the server itself, asked by code under test', async () => {
    await expect(inHistory(() => db.query('select 1'))).rejects.toThrow('was asked inside a simulation')
    await expect(inHistory(() => db.exec('select 1'))).rejects.toThrow('was asked inside a simulation')
  })

  test('options of the other kind of database', () => {
    expect(() => postgres(db, { wipe: true })).toThrow('wipe is an option of PGlite alone')
    expect(() => postgres(db, { maxConnections: 0 })).toThrow('maxConnections is 0; give a whole number from 1')
    expect(() => postgres({ query: 1 } as never)).toThrow('found a Object')
  })

  test('one server under two names', async () => {
    const system = systemOf(() => undefined)

    await expect(open({ ...system, stores: [postgres(db), postgres(db, { name: 'other' })] })).rejects.toThrow(
      'already registered under another name',
    )
  })

  test('a migration that fails: nothing is left of the server', async () => {
    const folders: string[] = []
    const failing = startPostgres({
      migrate(server) {
        folders.push(server.socketFolder)
        return server.exec('create tabel t (n int)')
      },
    })

    await expect(failing).rejects.toThrow(/migrate threw .*syntax error at or near "tabel".* The server is stopped/)
    expect(folders.filter((folder) => existsSync(folder))).toEqual([])
  })
})

test('it asks for rows with their types, and says why not', async () => {
  const { rows } = await db.query(
    'select $1::int as n, $2::text as t, null as nothing, true as yes, $3::jsonb as doc',
    [7, "it's", { a: [1] }],
  )

  expect(rows).toEqual([{ n: 7, t: "it's", nothing: null, yes: true, doc: { a: [1] } }])
  await expect(db.query('select * from nowhere')).rejects.toMatchObject({ code: '42P01' })
  await expect(db.exec('select * from nowhere')).rejects.toThrow('"nowhere" does not exist')
})

test('migrations reach it by its connection string', async () => {
  const pool = new Pool({ connectionString: db.connectionString })
  await pool.query('create table by_pool (n int)')
  await pool.end()

  expect((await db.query('select count(*) as n from by_pool')).rows).toEqual([{ n: 0 }])
})

test('it ends with its process, even where that is killed while somebody waits', { tags: ['full'] }, async () => {
  const script = `
    import { startPostgres } from 'two-generals/postgres'
    const db = await startPostgres()
    console.log(db.socketFolder)
    setInterval(() => undefined, 1_000)
  `
  const resolving = join(import.meta.dirname, '../bench/resolve.ts')
  const child = spawn(process.execPath, ['--import', resolving, '--input-type=module', '-e', script])
  const folder = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()))
    child.once('exit', () => reject(new Error('it ended too soon')))
  })
  child.removeAllListeners('exit')
  expect(existsSync(folder)).toBe(true)
  child.kill('SIGKILL')
  for (let tries = 0; tries < 200 && existsSync(folder); tries++) await wait(50)

  expect(existsSync(folder)).toBe(false)
})
