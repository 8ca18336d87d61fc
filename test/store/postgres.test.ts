// The embedded PostgreSQL: what comes back before each history, whose clock and draws it has, what its one session
// cannot do and refuses by name, and what a story says of it.
import { createConnection } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import * as fc from 'fast-check'
import { Client, Pool } from 'pg'
import connect from 'postgres'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  assess,
  exactlyOnce,
  formatAssessment,
  noLeftovers,
  op,
  rows,
  serve,
  type Store,
  type System,
  type Verdict,
} from '../../src/index.ts'
import { postgres } from '../../src/postgres.ts'
import { message } from '../../src/store/postgres/messages.ts'
import { act, node, nothingToJudge, runOnce, scenarioOf, under } from '../simulate/systems.ts'

const databases: PGlite[] = []
afterAll(async () => {
  for (const db of databases) await db.close()
})

/** An empty database with a schema. To make one takes seconds: the tests share two. */
async function open(schema: string, which: 0 | 1 = 0): Promise<PGlite> {
  const db = (databases[which] ??= await PGlite.create())
  await db.exec('drop schema if exists shop cascade; drop schema public cascade; create schema public; reset all')
  await db.exec(schema)
  return db
}

/** A system of one node, whose code runs for each operation `act`. */
function systemOf(store: Store, code: () => unknown): System {
  return {
    nodes: { shop: node(code) },
    stores: [store],
    operations: [act('act', () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [nothingToJudge],
  }
}

/** What the code of a node gives in one history, or throws. */
async function inHistory<T>(store: Store, code: () => Promise<T>): Promise<T> {
  let given: { readonly value: T } | { readonly error: unknown } | undefined
  await runOnce(
    systemOf(store, async () => {
      given = await code().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
    }),
  )
  if (given === undefined) throw new Error('the code did not end')
  if ('error' in given) throw given.error
  return given.value
}

describe('before each history', () => {
  const schema = `
    create schema shop;
    create type shop.mood as enum ('good', 'bad');
    create table shop."odd ""table" (
      id serial primary key, "a b" text, amount numeric(20, 10), at timestamptz, raw bytea, list text[], doc jsonb,
      mood shop.mood, twice numeric generated always as (amount * 2) stored);
    insert into shop."odd ""table" ("a b", amount, at, raw, list, doc, mood) values
      ('it''s \\ "quoted"', 12345678.0123456789, '2024-02-29 23:59:59.123456+02', '\\x00ff', '{a,NULL,"b,c"}',
        '{"x": [1, null]}', 'bad'),
      (null, null, null, null, null, null, null);
    create table parent (id int generated always as identity primary key, name text unique);
    create table child (parent int references parent (id), n int);
    insert into parent (name) values ('p'), ('q');
    delete from parent where name = 'q';
    insert into child values (1, 1);
    create table log (what text);
    create function note() returns trigger language plpgsql as
      $$ begin insert into log values (tg_op); return null; end $$;
    create trigger noted after insert or delete on child for each row execute function note();
    create sequence numbers start 7;
    select nextval('numbers');
  `
  const dump = async (db: PGlite): Promise<unknown> => [
    (await db.query('select *, ctid from shop."odd ""table"')).rows,
    (await db.query('select *, ctid from parent')).rows,
    (await db.query('select *, ctid from child')).rows,
    (await db.query('select *, ctid from log')).rows,
    (await db.query('select last_value, is_called from numbers')).rows,
    (await db.query('select last_value, is_called from parent_id_seq')).rows,
  ]

  test.each([
    `insert into shop."odd ""table" ("a b") values ('x')`,
    `update shop."odd ""table" set amount = 1`,
    `delete from shop."odd ""table"`,
    `insert into parent (name) values ('z'); insert into child values (3, 2)`,
    'delete from child; delete from parent',
    'truncate parent restart identity cascade',
    `select nextval('numbers'), nextval('parent_id_seq')`,
    'begin; delete from log; rollback',
    'insert into log select n::text from generate_series(1, 1000) n; delete from log',
  ])('what this changed is as it was: %s', async (sql) => {
    const db = await open(schema)
    const store = postgres(db)
    await store.attach()
    await store.reset()
    const first = await dump(db)
    await db.exec(sql)
    await store.reset()

    expect(await dump(db)).toEqual(first)

    await store.detach()
    await expect(db.query(`insert into child values (999, 1)`)).rejects.toThrow('foreign key')
  })

  test('the files of truncated tables do not pile up over hundreds of histories', async () => {
    const db = await open('create table t (n int)')
    const store = postgres(db)
    const files = async (): Promise<number> => {
      const folder = `'base/' || (select oid from pg_database where datname = current_database())`
      const { rows: found } = await db.query<{ n: number }>(`select count(*)::int as n from pg_ls_dir(${folder})`)
      return found[0]?.n ?? 0
    }
    await store.attach()
    const first = await files()
    for (let history = 0; history < 300; history++) {
      await db.query('insert into t values (1)')
      await store.reset()
    }

    expect((await files()) - first).toBeLessThan(110) // at most those since the last hundred
    await store.detach()
  })

  test('a materialized view is what it was', async () => {
    const db = await open(
      'create table t (n int); insert into t values (1); create materialized view v as select * from t',
    )
    const store = postgres(db)
    await store.attach()
    await db.exec('insert into t values (2); refresh materialized view v')
    await store.reset()

    expect((await db.query('select n from v')).rows).toEqual([{ n: 1 }])
    await store.detach()
  })

  test('it is what `seed` wrote, and at the end what was there', async () => {
    const db = await open('create table t (n int); insert into t values (1)')
    const store = postgres(db, { seed: (own) => own.exec('update t set n = 2; insert into t values (3)') })
    const all = async (): Promise<unknown> => (await db.query('select n from t order by n')).rows
    await store.attach()
    await db.exec('delete from t')
    await store.reset()

    expect(await all()).toEqual([{ n: 2 }, { n: 3 }])

    await store.detach()
    expect(await all()).toEqual([{ n: 1 }])
  })

  test('temporary tables and settings of a history are gone, and the settings of the set-up are there', async () => {
    const db = await open(`set work_mem = '8MB'`)
    const store = postgres(db)
    const code = async (): Promise<unknown> => {
      await db.exec('create temp table passing (n int)')
      const { rows: before } = await db.query('show work_mem')
      await db.exec(`set work_mem = '16MB'`)
      return before
    }

    await expect(inHistory(store, code)).resolves.toEqual([{ work_mem: '8MB' }])
    await expect(inHistory(store, code)).resolves.toEqual([{ work_mem: '8MB' }])
    expect((await db.query('show work_mem')).rows).toEqual([{ work_mem: '8MB' }])
  })

  test('a history that creates a table is told what to do', async () => {
    const db = await open('create table t (n int)')
    const store = postgres(db)
    const simulated = systemOf(store, () => db.exec('create table if not exists more (n int)'))

    await expect(runOnce(simulated)).rejects.toThrow(
      'postgres("postgres"): the first content could not be put back: a history changed its tables (CREATE, ALTER or ' +
        'DROP). Create them once, before the test: run the migrations in its set-up.',
    )
  })
})

describe('inside a simulation', () => {
  test('time and random numbers are those of the simulation', async () => {
    const db = await open('')
    const code = async (): Promise<unknown> =>
      (await db.query('select now(), clock_timestamp() - now() as passed, random(), gen_random_uuid() as id')).rows[0]
    const [one, other] = [await inHistory(postgres(db), code), await inHistory(postgres(db), code)]

    expect(other).toEqual(one)
    expect(one).toMatchObject({ now: new Date('2026-01-01T00:00:00.040Z'), passed: '00:00:00' })
  })

  test('a statement waits while a transaction of another is open, and then sees what that has committed', async () => {
    const db = await open('create table t (n int)')
    const seen: unknown[] = []
    const system: System = {
      ...systemOf(postgres(db), async () => {
        seen.push((await db.query('select count(*)::int as n from t')).rows[0])
        await db.transaction(async (tx) => {
          await tx.query('insert into t values (1)')
          await new Promise((resolve) => setTimeout(resolve, 1_000))
          await tx.query('insert into t values (2)')
        })
        seen.push((await db.query('select count(*)::int as n from t')).rows[0])
      }),
    }
    const clients = [0, 1].map((id) => ({ id, operation: 'act', client: id, afterMs: 50 * id, input: null }))
    await runOnce(system, scenarioOf(system, [], clients))

    // The second one's first read had to wait for the first one's commit
    expect(seen.map((row) => (row as { n: number }).n)).toEqual([0, 2, 2, 4])
  })

  test('a transaction is as in PGlite: it can be rolled back, and is closed afterwards', async () => {
    const db = await open('create table t (n int)')
    const code = (): Promise<unknown> =>
      db.transaction(async (tx) => {
        await tx.sql`insert into t values (${1})`
        await tx.rollback()
        return [tx.closed, await tx.query('select 1').catch((error: Error) => error.message)]
      })

    await expect(inHistory(postgres(db), code)).resolves.toEqual(await code())
    await expect(
      inHistory(postgres(db), () =>
        db.transaction(async (tx) => {
          await tx.query('insert into nowhere values (1)').catch(() => undefined)
        }),
      ),
    ).rejects.toThrow('Transaction was rolled back')
  })

  test.each([
    ['an advisory lock', (db: PGlite) => db.query('select pg_advisory_xact_lock(1)')],
    ['LISTEN', (db: PGlite) => db.exec('listen orders')],
    ['LISTEN', (db: PGlite) => db.exec('select 1; listen orders')],
    ['COPY FROM STDIN', (db: PGlite) => db.exec('copy orders from stdin')],
    ['PREPARE', (db: PGlite) => db.exec('prepare one as select 1')],
    ['pg_sleep()', (db: PGlite) => db.query('select pg_sleep(1)')],
    ['listen()', (db: PGlite) => db.listen('orders', () => undefined)],
    ['runExclusive()', (db: PGlite) => db.runExclusive(() => Promise.resolve())],
  ])('%s is refused by name', async (what, use) => {
    const db = await open('')

    await expect(runOnce(systemOf(postgres(db), () => use(db)))).rejects.toThrow(
      `postgres("postgres"): ${what} inside a simulation is not possible with PGlite.`,
    )
  })

  test('code that waits for its own transaction is told so, and no hang is reported', async () => {
    const db = await open('create table t (n int)')
    const code = (): Promise<unknown> =>
      db.transaction(async (tx) => {
        await tx.query('insert into t values (1)')
        await db.query('select * from t')
      })

    await expect(runOnce(systemOf(postgres(db), code))).rejects.toThrow(
      'postgres("postgres"): while a transaction is open, the same code waits for a statement outside it.',
    )
  })

  test('a transaction that stays open is a leftover, and one that is rolled back is none', async () => {
    const db = await open('create table orders (id serial primary key, free int check (free >= 0))')
    const store = postgres(db)
    const verdictOf = async (undoes: boolean): Promise<Verdict> => {
      const code = async (): Promise<void> => {
        const client = new Client({ host: 'localhost', database: 'orders' })
        client.on('error', () => undefined)
        await client.connect()
        await client.query('begin')
        try {
          await client.query('insert into orders (free) values (-1)')
          await client.query('commit')
        } catch {
          if (undoes) await client.query('rollback')
        }
      }
      const { history } = await runOnce({ ...systemOf(store, code), invariants: [noLeftovers()] })
      return noLeftovers().check(history)
    }
    const { kind, reasons } = await verdictOf(false)
    expect(kind).toBe('violated')
    expect(reasons[0]?.text).toMatch(
      /^shop has a transaction of "postgres" open when all is quiet, opened by test\/store\/postgres\.test\.ts:\d+: act#0/,
    )
    expect((await verdictOf(true)).kind).toBe('holds')
  })

  test('two databases are told apart by their address', async () => {
    const [one, other] = [await open('create table t (n int)'), await open('create table t (n int)', 1)]
    const count = async (db: PGlite): Promise<unknown> => (await db.query('select count(*)::int as n from t')).rows[0]
    const seen: unknown[] = []
    const system: System = {
      ...systemOf(postgres(one, { name: 'orders', at: 'orders.internal:5432' }), async () => {
        for (const host of ['orders.internal', 'stock.internal', 'orders.internal']) {
          const client = new Client({ host })
          await client.connect()
          await client.query('insert into t values (1)')
          await client.end()
        }
        seen.push(await count(one), await count(other))
      }),
      stores: [
        postgres(one, { name: 'orders', at: 'orders.internal:5432' }),
        postgres(other, { name: 'stock', at: 'stock.internal:5432' }),
      ],
    }
    await runOnce(system)

    expect(seen).toEqual([{ n: 2 }, { n: 1 }])
  })

  test('each connection has its own settings, roles and temporary tables', async () => {
    const db = await open('create schema shop; create table shop.t (n int); create table t (n int)')
    const code = async (): Promise<unknown> => {
      const [one, other] = [new Client({ host: 'db' }), new Client({ host: 'db', options: '-c search_path=shop' })]
      for (const client of [one, other]) await client.connect()
      await one.query("set timezone = 'Asia/Tokyo'")
      await other.query('insert into t values (1)')
      await one.query('create temp table passing (n int)')
      const shown = async (client: Client): Promise<unknown> =>
        (
          await client.query('select current_setting($1) as zone, current_setting($2) as path', [
            'timezone',
            'search_path',
          ])
        ).rows[0]
      const seen = [await shown(one), await shown(other), await shown(one)]
      await one.query('begin')
      await one.query("set timezone = 'Europe/Rome'")
      await one.query('rollback')
      seen.push(await shown(other), await shown(one))
      await one.end()
      const next = new Client({ host: 'db' })
      await next.connect()
      await next.query('create temp table passing (n int)')
      seen.push(await shown(next), (await db.query('select count(*)::int as n from shop.t')).rows[0])
      return seen
    }
    const tokyo = { zone: 'Asia/Tokyo', path: 'public' }
    const shop = { zone: 'UTC', path: 'shop' }

    await expect(inHistory(postgres(db), code)).resolves.toEqual([
      ...[tokyo, shop, tokyo, shop, tokyo],
      ...[{ zone: 'UTC', path: 'public' }, { n: 1 }],
    ])
    expect((await db.query('show timezone')).rows).toEqual([{ TimeZone: 'UTC' }])
  })

  test('what waits on one connection is sent by who wrote it', async () => {
    const db = await open('create table t (n int)')
    const shop = serve(() => {
      const socket = createConnection({ host: 'db', port: 5432 })
      socket.write(Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0])) // version 3.0, and no parameters
      return (request: Request) => {
        socket.write(message('Q', `insert into t values (${new URL(request.url).pathname.slice(1)})`))
        return new Response('done')
      }
    })
    const acts = [1, 2, 3].map((n) => act(`act-${n}`, () => fetch(`http://shop/${n}`, { method: 'POST' })))
    const system: System = { nodes: { shop }, stores: [postgres(db)], operations: acts, invariants: [nothingToJudge] }
    const invocations = acts.map(({ name }, id) => ({ id, operation: name, client: id, afterMs: 0, input: null }))
    const { history } = await runOnce(system, scenarioOf(system, [], invocations))
    const roots = history.events.flatMap((event) =>
      event.kind === 'send' && event.address.operation === 'insert t' && event.request < 0 ? [event.address.root] : [],
    )

    expect(roots.map((root) => (root.kind === 'operation' ? root.operation : root.kind))).toEqual([
      ...['act-1', 'act-2', 'act-3'],
    ])
  })

  test('a socket is given nothing while it writes: postgres.js without types gets its answer', async () => {
    const db = await open('')
    const code = async (): Promise<unknown> => [...(await connect({ host: 'db', fetch_types: false })`select 1 as one`)]

    await expect(inHistory(postgres(db), code)).resolves.toEqual([{ one: 1 }])
  })

  test('COPY FROM STDIN over a socket is refused by name', async () => {
    const db = await open('create table t (n int)')
    const code = async (): Promise<unknown> => {
      const client = new Client({ host: 'db' })
      await client.connect()
      client.on('error', () => undefined)
      const { connection } = client as unknown as { connection: { sendCopyFromChunk(chunk: Buffer): void } }
      connection.sendCopyFromChunk(Buffer.from('1\n'))
      return client.query('select 1')
    }

    await expect(runOnce(systemOf(postgres(db), code))).rejects.toThrow('COPY FROM STDIN inside a simulation')
  })
})

describe('what is given', () => {
  test.each([
    [undefined, 'found undefined'],
    [{}, 'found a Object'],
    [new Pool(), 'found a BoundPool'],
  ])('%s is no PGlite', (given, found) => {
    expect(() => postgres(given as never)).toThrow(
      `postgres("postgres") takes a database of PGlite (@electric-sql/pglite), or a server from startPostgres(); ${found}.`,
    )
  })

  test.each(['http://db:5432', 'db', 'db:', '123456', ''])('%s is no place', async (at) => {
    const db = await open('')

    expect(() => postgres(db, { at })).toThrow('give a host with its port, "db.internal:5432", or a port.')
  })

  test('a name of two words is refused: it stands in addresses', async () => {
    const db = await open('')
    expect(() => postgres(db, { name: 'a b' })).toThrow('postgres(): "a b" is no valid name. Give one word')
  })

  test.each(['select pg_backend_pid()', 'select pg_try_advisory_lock(1)'])('%s is refused by name', async (sql) => {
    const db = await open('')
    await expect(inHistory(postgres(db), () => db.query(sql))).rejects.toThrow(/inside a simulation is not possible/)
  })

  test('one database under two names is refused', async () => {
    const db = await open('')
    const store = postgres(db)
    await store.attach()

    await expect(async () => postgres(db, { name: 'again' }).attach()).rejects.toThrow(
      'postgres("again"): this database is already registered under another name.',
    )
    await store.detach()
  })

  test('a database in a folder is refused unless it may be wiped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'two-generals-pglite-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const db = await PGlite.create(join(folder, 'db'))

    await expect(async () => postgres(db).attach()).rejects.toThrow(
      `postgres("postgres"): the database is in the folder ${join(folder, 'db')}, and a test rewrites its content`,
    )
    const store = postgres(db, { wipe: true })
    await store.attach()
    await store.detach()
    await db.close()
    await expect(async () => postgres(db, { wipe: true }).attach()).rejects.toThrow('the database is closed')
  })

  test('a failing seed and a store in use are errors that leave nothing behind', async () => {
    const db = await open('create table t (n int); insert into t values (1)')
    const seeded = postgres(db, { seed: () => db.exec('delete from t; insert into nowhere values (1)') })

    await expect(async () => seeded.attach()).rejects.toThrow('postgres("postgres"): seed threw')
    expect((await db.query('select n from t')).rows).toEqual([{ n: 1 }])

    const store = postgres(db)
    await store.attach()
    await expect(async () => store.attach()).rejects.toThrow('it is in use by another simulation')
    await store.detach()
  })
})

describe('a story', () => {
  const pay = op(
    'pay',
    fc.record({ id: fc.uuid() }),
    (input) => fetch('http://shop/', { method: 'POST', body: JSON.stringify(input) }),
    { retries: 1, timeout: 5_000 },
  )

  test('tells of a lost acknowledgement, and the report of the isolation that was not explored', async () => {
    const db = await open('create table charges (id text)')
    const pool = new Pool({ host: 'db', max: 2 }).on('error', () => undefined)
    const charge = rows('charge', async () => (await db.query<{ id: string }>('select id from charges')).rows)
    const systemWith = (sql: string): System => ({
      nodes: {
        shop: serve(() => async (request: Request) => {
          const { id } = (await request.json()) as { id: string }
          await pool.query(sql, [id])
          return new Response('done')
        }),
      },
      stores: [postgres(db)],
      operations: [pay],
      invariants: [
        exactlyOnce(
          pay.by(({ id }) => id),
          charge.by(({ id }) => id),
        ),
      ],
    })
    const broken = await assess(systemWith('insert into charges values ($1)'), { seed: 1 })
    const text = formatAssessment(broken, { test: 'a charge' })

    expect(broken.kind).toBe('violated')
    expect(text).toMatch(/insert charges ->\|/)
    expect(text).toContain('x--')
    const notExplored = 'Not explored: isolation on "postgres": PGlite has one session, so transactions never overlap.'
    expect('remarks' in broken && broken.remarks).toContain(notExplored)

    const sound = await assess(
      systemWith('insert into charges select $1::text where not exists (select 1 from charges where id = $1)'),
      { seed: 1, numRuns: 10 },
    )
    expect(sound.kind).toBe('holds')
    expect(sound.remarks).toContain(notExplored)
  })

  test.each([
    ['error request of select', '57P03: the database system is starting up'],
    ['throttle request of select', '53300: sorry, too many clients already'],
    ['error reply of select', '57P03: the database system is starting up'],
  ])('of %s tells what PostgreSQL says: %s', async (label, words) => {
    const db = await open('')
    const { notes } = await under(
      systemOf(postgres(db), () => db.query('select 1')),
      label,
    )

    expect(notes.map(({ text }) => text)).toContain(words)
  })
})
