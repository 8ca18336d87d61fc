// D1 as a Worker sees it: the shape and types of what it gives, its batch, what it refuses, and how its calls end.
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/d1'
import { eq } from 'drizzle-orm'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { assess, atMostOnce, formatAssessment, op, rows, serve, type System } from '../../src/index.ts'
import type { SqliteDatabase } from '../../src/store/sqlite/driver.ts'
import { d1, type D1 } from '../../src/stores.ts'
import { act, node, nothingToJudge, runOnce, scenarioOf, under } from '../simulate/systems.ts'
import * as fc from 'fast-check'

const dialect = new SqliteDialect({ database: new Database(':memory:') })
const schema = `
  create table users (id integer primary key, name text unique);
  create table posts (id integer primary key, author integer, body blob);
  insert into users values (1, 'ada'), (2, 'bob');
  insert into posts values (7, 1, x'00ff'), (9007199254740993, 2, null)
`

const drivers: readonly (readonly [string, () => SqliteDatabase])[] = [
  ['node:sqlite', () => new DatabaseSync(':memory:')],
  ['better-sqlite3', () => new Database(':memory:')],
]

describe.each(drivers)('on %s', (_, connect) => {
  const open = (): D1 => {
    const db = connect()
    db.exec(schema)
    return d1(db)
  }

  test('a statement gives rows and what it did', async () => {
    const DB = open()

    await expect(DB.prepare('select * from users order by id').all()).resolves.toMatchObject({
      success: true,
      results: [
        { id: 1, name: 'ada' },
        { id: 2, name: 'bob' },
      ],
      meta: { changes: 0, last_row_id: 0, changed_db: false, rows_read: 2, rows_written: 0 },
    })
    await expect(
      DB.prepare('insert into users (name) values (?) returning id').bind('eve').run(),
    ).resolves.toMatchObject({
      results: [{ id: 3 }],
      meta: { changes: 1, last_row_id: 3, changed_db: true },
    })
    await expect(DB.prepare('update users set name = name').run()).resolves.toMatchObject({
      results: [],
      meta: { changes: 3, last_row_id: 0, changed_db: true },
    })
  })

  test('first gives a row, a value, or null, and names a column that is none', async () => {
    const DB = open()
    const one = DB.prepare('select * from users where id = ?')

    await expect(one.bind(1).first()).resolves.toEqual({ id: 1, name: 'ada' })
    await expect(one.bind(1).first('name')).resolves.toBe('ada')
    await expect(one.bind(9).first()).resolves.toBeNull()
    await expect(one.bind(9).first('name')).resolves.toBeNull()
    await expect(one.bind(1).first('age')).rejects.toThrow('D1_ERROR: Column not found (age)')
  })

  test('raw gives lists, also where two columns have one name, and the names where they are asked for', async () => {
    const joined = open().prepare(
      'select users.id, posts.id from users join posts on author = users.id where users.id = 1',
    )

    await expect(joined.raw()).resolves.toEqual([[1, 7]])
    await expect(joined.raw({ columnNames: true })).resolves.toEqual([
      ['id', 'id'],
      [1, 7],
    ])
  })

  test('values are as D1 has them: booleans are numbers, bytes come as numbers, undefined and objects are refused', async () => {
    const DB = open()
    const echo = DB.prepare('select ? as value')
    const echoed = (value: unknown): Promise<unknown> => echo.bind(value).first('value')

    await expect(Promise.all([null, 1.5, 'text', true, false].map(echoed))).resolves.toEqual([null, 1.5, 'text', 1, 0])
    await expect(echoed(new Uint8Array([1, 2]))).resolves.toEqual([1, 2])
    await expect(echoed(new Uint8Array([1, 2]).buffer)).resolves.toEqual([1, 2])
    await expect(DB.prepare('select body from posts where id = 7').first('body')).resolves.toEqual([0, 255])
    await expect(DB.prepare('select max(id) as id from posts').first('id')).resolves.toBe(2 ** 53) // as a number
    expect(() => echo.bind(undefined)).toThrow("D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'")
    expect(() => echo.bind({})).toThrow("D1_TYPE_ERROR: Type 'object' not supported for value '[object Object]'")
    expect(() => echo.bind(1n)).toThrow("D1_TYPE_ERROR: Type 'bigint' not supported for value '1'")
  })

  test('a batch is all or nothing; exec stops where a statement fails', async () => {
    const DB = open()
    const add = DB.prepare('insert into users (name) values (?)')
    const names = async (): Promise<unknown> => (await DB.prepare('select name from users order by id').raw()).flat()

    const done = await DB.batch([add.bind('cleo'), DB.prepare('select count(*) as n from users')])
    expect(done.map(({ results }) => results)).toEqual([[], [{ n: 3 }]])
    await expect(DB.batch([add.bind('dan'), add.bind('ada')])).rejects.toThrow(
      'D1_ERROR: UNIQUE constraint failed: users.name: SQLITE_CONSTRAINT',
    )
    expect(await names()).toEqual(['ada', 'bob', 'cleo'])
    await expect(
      DB.exec("insert into users (name) values ('x');\ninsert into users (name) values ('ada')"),
    ).rejects.toThrow(/^D1_ERROR: UNIQUE/)
    expect(await names()).toEqual(['ada', 'bob', 'cleo', 'x'])
    await expect(DB.exec('delete from posts;\ndelete from users')).resolves.toMatchObject({ count: 2 })
  })

  test('what is no statement of D1 is an error that says so', async () => {
    const DB = open()

    for (const sql of ['begin', 'commit', 'savepoint here', 'begin immediate'])
      await expect(DB.prepare(sql).run()).rejects.toThrow('A batch() is a transaction')
    await expect(DB.prepare('select 1; select 2').run()).rejects.toThrow('prepare() takes one statement; found 2')
    await expect(DB.prepare(' ').run()).rejects.toThrow('D1_ERROR: No SQL statements detected.')
    await expect(DB.prepare('select * from nobody').run()).rejects.toThrow(
      'D1_ERROR: no such table: nobody: SQLITE_ERROR',
    )
    await expect(DB.batch([{} as never])).rejects.toThrow('batch() takes statements that prepare()')
    await expect(DB.dump()).rejects.toThrow('dump() is deprecated')
  })

  test('every history begins with the content found, and the test leaves it', async () => {
    const DB = open()
    const counts: unknown[] = []
    const system: System = {
      nodes: {
        shop: node(async () => {
          counts.push(await DB.prepare('select count(*) as n from users').first('n'))
          await DB.prepare("insert into users (name) values ('eve')").run()
        }),
      },
      stores: [DB.store],
      operations: [act('act', () => fetch('http://shop/', { method: 'POST' }))],
      invariants: [nothingToJudge],
    }
    for (let again = 0; again < 3; again++) await runOnce(system, scenarioOf(system))

    expect(counts).toEqual([2, 2, 2])
    await expect(DB.prepare('select count(*) as n from users').first('n')).resolves.toBe(2)
  })
})

test('what is given is a database in memory, with a name of one word', () => {
  const folder = mkdtempSync(join(tmpdir(), 'two-generals-d1-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const db = new DatabaseSync(join(folder, 'a.db'))
  onTestFinished(() => db.close())

  expect(() => d1({} as never)).toThrow('d1("d1") takes a database of node:sqlite or better-sqlite3; found')
  expect(() => d1(db, { name: 'a b' })).toThrow('d1(): "a b" is no valid name. Give one word')
  expect(() => d1(db)).toThrow(/^d1\("d1"\): the database is the file .*Nothing was changed/)
  expect(() => d1(new Kysely({ dialect }) as never)).toThrow('not the query builder around it')
  const broken = d1(new DatabaseSync(':memory:'), { seed: (one) => one.exec("insert into nope values ('a')") })
  expect(() => broken.store.attach()).toThrow(
    'd1("d1"): seed threw Error: no such table: nope. What it wrote is undone.',
  )
  expect(() => d1(new DatabaseSync(':memory:'), { names: 'x' } as never)).toThrow('names')
})

const users = sqliteTable('users', { id: integer().primaryKey(), name: text() })

test('Drizzle reads and writes through it, and its transaction() is refused as in production', async () => {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  const orm = drizzle(d1(db) as never)

  await orm.insert(users).values({ name: 'eve' })
  await expect(orm.select().from(users).where(eq(users.name, 'eve'))).resolves.toEqual([{ id: 3, name: 'eve' }])
  await expect(orm.transaction(async () => undefined)).rejects.toThrow(/begin/)
})

// Inside a simulation.

const added = op('add', fc.uuid(), (id) => fetch('http://shop/', { method: 'POST', body: id }), { retries: 1 })

/** Adds a row for each request; the sound one only where it is new. */
function adding(how: 'each' | 'new'): System {
  const db = new DatabaseSync(':memory:')
  db.exec(`create table orders (id text${how === 'new' ? ' primary key' : ''})`)
  const DB = d1(db, { name: 'DB' })
  const worker = {
    fetch: async (request: Request, env: { DB: D1 }): Promise<Response> => {
      await env.DB.prepare('insert or ignore into orders values (?)')
        .bind(await request.text())
        .run()
      return new Response('added', { status: 201 })
    },
  }
  const order = rows('order', async () => (await DB.prepare('select id from orders').all<{ id: string }>()).results)
  return {
    nodes: { shop: serve(() => worker, { env: { DB } }) },
    stores: [DB.store],
    operations: [added],
    invariants: [atMostOnce(order.by(({ id }) => id))],
  }
}

test('a call has its request and its acknowledgement: a lost one is asked for again, and done twice', async () => {
  const assessment = await assess({ ...adding('each'), tolerates: { 'shop -> DB': ['reset'] } }, { numRuns: 5 })
  const story = formatAssessment(assessment, { test: 'added once' })

  expect(assessment.kind).toBe('violated')
  expect(story).toContain('insert orders')
  expect(story).toContain('Error: D1_ERROR: Network connection lost')
  expect((await assess(adding('new'), { numRuns: 5 })).kind).toBe('holds')
})

test.each([
  ['reset reply of insert orders', 'D1_ERROR: Network connection lost.', 1],
  ['throttle request of insert orders', 'D1_ERROR: D1 DB is overloaded. Too many requests queued.', 0],
  ['error request of insert orders', /^D1_ERROR: Internal error while starting up D1 DB storage/, 0],
  ['lose reply of insert orders', /^D1_ERROR: D1 DB storage operation exceeded timeout/, 1],
  ['readonly request of insert orders', 'D1_ERROR: Exceeded maximum DB size.', 0],
] as const)('%s ends the call as D1 would, with the work done or not', async (label, words, done) => {
  const db = new DatabaseSync(':memory:')
  db.exec('create table orders (id text)')
  const DB = d1(db)
  const ends: unknown[] = []
  const system: System = {
    nodes: {
      shop: node(async () => {
        const insert = DB.prepare("insert into orders values ('a')").run()
        ends.push(
          await insert.then(
            () => 'done',
            ({ message }: Error) => message,
          ),
        )
        ends.push(await DB.prepare('select count(*) as n from orders').first('n'))
      }),
    },
    stores: [DB.store],
    operations: [act('act', () => fetch('http://shop/', { method: 'POST' }))],
    invariants: [nothingToJudge],
  }
  await under(system, label)

  expect(ends.slice(-2)).toEqual([expect.stringMatching(words), done])
})
