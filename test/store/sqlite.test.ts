// What a SQLite store owes beyond what every store does: transactions, ghosts in them, whose statement it is, refusals.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Life } from '../../src/simulate/context.ts'
import type { Store } from '../../src/system/store.ts'
import { sqlite, type SqliteOptions } from '../../src/store/sqlite/sqlite.ts'
import { probe } from '../../src/store/sqlite/connection.ts'
import { fakeWorld, type FakeWorld } from '../../src/conformance/fake-world.ts'
import { storeConformance } from '../../src/conformance/store-conformance.ts'

const schema = 'CREATE TABLE orders (id TEXT PRIMARY KEY, amount INTEGER)'

storeConformance('sqlite, prepared before', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(`${schema}; INSERT INTO orders VALUES ('a', 1)`)
  const insert = db.prepare('INSERT OR REPLACE INTO orders VALUES (?, ?)')
  const remove = db.prepare('DELETE FROM orders WHERE id = ?')
  const all = db.prepare('SELECT * FROM orders ORDER BY id')
  return {
    store: sqlite(db),
    writes: 'insert orders',
    write: (key, value) => void insert.run(key, value),
    remove: (key) => void remove.run(key),
    read: () => Object.fromEntries(all.all().map((row) => [row['id'], row['amount']])) as Record<string, number>,
  }
})

storeConformance('sqlite, prepared anew and iterated', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(`${schema}; INSERT INTO orders VALUES ('a', 1)`)
  return {
    store: sqlite(db),
    writes: 'insert orders',
    write: (key, value) =>
      void db
        .prepare('INSERT INTO orders VALUES ($id, $n) ON CONFLICT DO UPDATE SET amount = $n RETURNING id')
        .all({ id: key, n: value }),
    remove: (key) => void db.prepare('DELETE FROM orders WHERE id = ? RETURNING id').get(key),
    read: () => {
      const content: Record<string, number> = {}
      for (const row of db.prepare('SELECT * FROM orders ORDER BY id').iterate())
        content[String(row['id'])] = Number(row['amount'])
      return content
    },
  }
})

interface Shop {
  readonly db: DatabaseSync
  readonly store: Store
  readonly world: FakeWorld
  readonly shop: Life
  readonly next: Life
  readonly ids: () => unknown[]
}

function open(setUp = schema, options: SqliteOptions = {}): Shop {
  const db = new DatabaseSync(':memory:')
  db.exec(setUp)
  const store = sqlite(db, options)
  void store.attach()
  onTestFinished(() => store.detach())
  const world = fakeWorld([store])
  return {
    db,
    store,
    world,
    shop: world.life('shop'),
    next: world.life('next'),
    ids: () =>
      db
        .prepare('SELECT id FROM orders ORDER BY id')
        .all()
        .map((row) => row['id']),
  }
}

const put = (db: DatabaseSync, id: string): void => void db.prepare('INSERT INTO orders (id) VALUES (?)').run(id)

describe('what is told', () => {
  test('exec is told statement by statement, and can be cut between any two', () => {
    const { db, world, shop, ids } = open()
    world.crashAfter('update orders')
    world.run(shop, () =>
      db.exec(`
      -- two orders; not one
      INSERT INTO orders VALUES ('a;b', 1); /* ; */ UPDATE orders SET amount = 2;
      INSERT INTO orders VALUES ('c', 1);`),
    )
    expect(world.take()).toEqual(['insert orders !', 'update orders !'])
    world.settle()
    expect(ids()).toEqual(['a;b'])
  })

  test('exec stops at a statement that throws, and that one is not told', () => {
    const { db, world, shop, ids } = open()
    world.run(shop, () => {
      expect(() =>
        db.exec(
          "INSERT INTO orders VALUES ('a', 1); INSERT INTO nowhere VALUES (1); INSERT INTO orders VALUES ('b', 1)",
        ),
      ).toThrow('no such table: nowhere')
      expect(() => put(db, 'a')).toThrow('UNIQUE')
    })
    expect(world.take()).toEqual(['insert orders !'])
    expect(ids()).toEqual(['a'])
  })

  test('a transaction: open from begin until commit, which is a write', () => {
    const { db, world, shop } = open()
    world.run(shop, () => {
      db.exec('BEGIN IMMEDIATE')
      put(db, 'a')
      db.prepare('COMMIT').run()
      db.exec("BEGIN; INSERT INTO orders VALUES ('b', 1); ROLLBACK")
    })
    expect(world.take()).toEqual([
      'begin (open)',
      'insert orders ! (open)',
      'commit !',
      'begin (open)',
      'insert orders ! (open)',
      'rollback',
    ])
  })

  test('releasing the outermost savepoint is a commit; an inner one is not', () => {
    const { db, world, shop } = open()
    world.run(shop, () => db.exec('SAVEPOINT a; SAVEPOINT b; RELEASE b; RELEASE a'))
    expect(world.take()).toEqual(['savepoint (open)', 'savepoint (open)', 'release (open)', 'release !'])
  })

  test('values are the bound parameters, named or not, bytes included', () => {
    const { db, world, shop } = open()
    const bytes = new Uint8Array([1, 2])
    world.run(shop, () => {
      db.prepare('INSERT INTO orders VALUES ($id, ?)').run({ id: 'a' }, 5)
      db.prepare('INSERT INTO orders VALUES (?, ?)').run(bytes, 6)
    })
    expect(world.seen.map((call) => call.values)).toEqual([
      ['a', 5],
      [bytes, 6],
    ])
  })

  test('iterate reads all at once: rows written meanwhile do not appear', () => {
    const { db, world, shop } = open(`${schema}; INSERT INTO orders VALUES ('a', 1)`)
    world.run(shop, () => {
      const rows = db.prepare('SELECT id FROM orders').iterate()
      put(db, 'b')
      expect([...rows]).toEqual([{ id: 'a' }])
    })
    expect(world.take()).toEqual(['select orders', 'insert orders !'])
  })

  test('iterate can be left early', () => {
    const { db, world, shop } = open(`${schema}; INSERT INTO orders VALUES ('a', 1), ('b', 2)`)
    world.run(shop, () => {
      for (const row of db.prepare('SELECT id FROM orders').iterate()) {
        put(db, `${String(row['id'])}2`)
        break
      }
    })
    expect(world.take()).toEqual(['select orders', 'insert orders !'])
  })

  test('tagged templates are seen', ({ skip }) => {
    const { db, world, shop, ids } = open()
    if (!('createTagStore' in db)) skip()
    const sql = db.createTagStore()
    world.crashAfter('insert orders')
    world.run(shop, () => {
      for (const id of ['a', 'b']) expect(sql.run`INSERT INTO orders (id) VALUES (${id})`).toMatchObject({ changes: 1 })
      expect(sql.all`SELECT id FROM orders`).toHaveLength(2)
    })
    expect(world.seen.map((call) => call.values)).toEqual([['a']])
    world.settle()
    expect(ids()).toEqual(['a'])
  })

  test('a database that is not registered is not seen', () => {
    const { world, shop } = open()
    const other = new DatabaseSync(':memory:')
    world.run(shop, () => {
      other.exec('CREATE TABLE t (a)')
      other.prepare('INSERT INTO t VALUES (1)').run()
    })
    expect(world.seen).toEqual([])
  })

  test('ATTACH and deserialize are refused, with what to do', () => {
    const { db, world, shop } = open()
    world.run(shop, () => {
      expect(() => db.exec("ATTACH ':memory:' AS other")).toThrow(/ATTACH cannot be simulated.*register it as a store/)
      if ('deserialize' in db) expect(() => db.deserialize(new Uint8Array(1))).toThrow(/cannot be undone.*seed/)
    })
    expect(world.seen).toEqual([])
  })
})

describe('a ghost outside a transaction', () => {
  test.each<[string, (db: DatabaseSync) => void]>([
    ['exec', (db) => db.exec("BEGIN; INSERT INTO orders VALUES ('b', 1); COMMIT; INSERT INTO orders VALUES ('c', 1)")],
    [
      'prepared statements',
      (db) => {
        db.prepare('BEGIN').run()
        put(db, 'b')
        db.prepare('COMMIT').get()
        db.prepare('BEGIN').all()
        put(db, 'c')
        db.prepare('END TRANSACTION').run()
      },
    ],
    ['savepoints of its own', (db) => db.exec("SAVEPOINT s; INSERT INTO orders VALUES ('b', 1); RELEASE s; COMMIT")],
    [
      'a commit without a begin',
      (db) => {
        db.exec('COMMIT')
        put(db, 'b')
        db.exec('ROLLBACK')
        put(db, 'c')
      },
    ],
    ['a schema change', (db) => db.exec('DROP TABLE orders; CREATE TABLE orders (id); CREATE TABLE more (a)')],
    [
      'a rollback by a constraint',
      (db) => {
        expect(() => db.exec("INSERT OR ROLLBACK INTO orders (id) VALUES ('a')")).toThrow('UNIQUE')
        put(db, 'b')
      },
    ],
    [
      'settings and VACUUM',
      (db) => {
        db.exec('PRAGMA foreign_keys = OFF; VACUUM; PRAGMA user_version = 9')
        put(db, 'b')
      },
    ],
    [
      'close',
      (db) => {
        db.close()
        put(db, 'b')
      },
    ],
  ])('%s: nothing lasts and nothing is thrown by us', (_, stretch) => {
    const { db, store, world, shop, ids } = open()
    world.crashAfter('insert orders')
    world.run(shop, () => {
      put(db, 'a')
      stretch(db)
    })
    expect(world.take()).toEqual(['insert orders !'])
    world.settle()
    expect(ids()).toEqual(['a'])
    expect(store.isOpen()).toBe(false)
    expect(db.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 })
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 0 })
    world.run(world.life('next'), () => db.exec("BEGIN; INSERT INTO orders VALUES ('z', 1); COMMIT"))
    expect(ids()).toEqual(['a', 'z'])
  })

  test('its ROLLBACK undoes what its own transaction did, and no more', () => {
    const { db, world, shop, ids } = open()
    world.crashAfter('insert orders')
    world.run(shop, () => {
      put(db, 'a')
      put(db, 'b')
      db.exec("BEGIN; INSERT INTO orders VALUES ('c', 1); ROLLBACK")
      expect(ids()).toEqual(['a', 'b'])
      db.exec("BEGIN; INSERT INTO orders VALUES ('d', 1)")
      expect(() => db.exec('BEGIN')).toThrow('within a transaction') // as SQLite says it
      db.exec('COMMIT')
      expect(ids()).toEqual(['a', 'b', 'd'])
    })
    world.settle()
    expect(ids()).toEqual(['a'])
  })
})

describe('a ghost inside its transaction', () => {
  test.each<[string, (db: DatabaseSync) => void]>([
    ['COMMIT', (db) => db.exec('COMMIT')],
    ['prepared COMMIT', (db) => expect(db.prepare('COMMIT').run()).toEqual({ changes: 0, lastInsertRowid: 0 })],
    [
      'ROLLBACK and another transaction',
      (db) => db.exec("ROLLBACK; BEGIN; INSERT INTO orders VALUES ('c', 1); COMMIT"),
    ],
    ['COMMIT and a write', (db) => db.exec("COMMIT; INSERT INTO orders VALUES ('c', 1)")],
    [
      'a rollback by a constraint, and a write',
      (db) => {
        expect(() => db.exec("INSERT OR ROLLBACK INTO orders (id) VALUES ('a')")).toThrow('UNIQUE')
        put(db, 'c')
        db.exec('COMMIT')
      },
    ],
  ])('%s: all of the transaction is rolled back', (_, stretch) => {
    const { db, store, world, shop, ids } = open()
    world.crashAfter('insert orders')
    world.run(shop, () => {
      db.exec("BEGIN; INSERT INTO orders VALUES ('a', 1)")
      put(db, 'b')
      stretch(db)
    })
    world.settle()
    expect(ids()).toEqual([])
    expect(store.isOpen()).toBe(false)
  })

  test('a crash directly after COMMIT keeps it', () => {
    const { db, world, shop, ids } = open()
    world.crashAfter('commit')
    world.run(shop, () =>
      db.exec("BEGIN; INSERT INTO orders VALUES ('a', 1); COMMIT; INSERT INTO orders VALUES ('b', 1)"),
    )
    world.settle()
    expect(ids()).toEqual(['a'])
  })

  test('a transaction begun by SAVEPOINT is not released by its ghost', () => {
    const { db, world, shop, ids } = open()
    world.crashAfter('insert orders')
    world.run(shop, () => db.exec("SAVEPOINT s; INSERT INTO orders VALUES ('a', 1); ROLLBACK TO s; RELEASE s"))
    world.settle()
    expect(ids()).toEqual([])
  })

  test('the next live call comes after its transaction was rolled back', () => {
    const { db, world, shop, next, ids } = open()
    world.crashAfter('insert orders')
    world.run(shop, () => {
      db.exec('BEGIN')
      put(db, 'a')
    })
    world.run(next, () => {
      db.exec('BEGIN')
      put(db, 'b')
      db.exec('COMMIT')
    })
    world.run(shop, () => db.exec('COMMIT'))
    world.settle()
    expect(ids()).toEqual(['b'])
  })
})

describe('a death between stretches', () => {
  test('rolls back what its incarnation had open', () => {
    const { db, store, world, shop, ids } = open()
    world.run(shop, () => {
      db.exec('BEGIN')
      put(db, 'a')
    })
    expect(store.isOpen()).toBe(true)
    world.kill(shop)
    expect(store.isOpen()).toBe(false)
    expect(ids()).toEqual([])
  })

  test('leaves alone what another has open on the same connection', () => {
    const { db, world, shop, next, ids } = open()
    world.run(shop, () => {
      db.exec('BEGIN')
      put(db, 'a')
    })
    world.run(next, () => put(db, 'b')) // falls into the open transaction, as it would in reality
    world.kill(next)
    world.run(shop, () => db.exec('COMMIT'))
    expect(ids()).toEqual(['a', 'b'])
    expect(world.seen.every((call) => call.open || call.operation === 'commit')).toBe(true)
  })

  test('leaves alone what code outside has open since', () => {
    const { db, store, world, shop } = open()
    world.run(shop, () => db.exec('BEGIN; COMMIT'))
    db.exec('BEGIN')
    world.kill(shop)
    expect(store.isOpen()).toBe(true)
  })

  test('an attempt opens for its client, and dies with it', () => {
    const { db, world, ids } = open()
    const client = world.life('client#0')
    world.run({ ...world.life('client#0'), within: client }, () => {
      db.exec('BEGIN')
      put(db, 'a')
    })
    world.kill(client)
    expect(ids()).toEqual([])
  })
})

describe("a ghost inside another's transaction", () => {
  test.each(['COMMIT', 'ROLLBACK', 'BEGIN', 'RELEASE s', 'ROLLBACK TO s', 'SAVEPOINT s; RELEASE s'])(
    '%s neither ends nor undoes it',
    (sql) => {
      const { db, store, world, shop, next, ids } = open()
      world.run(shop, () => {
        db.exec('SAVEPOINT s')
        put(db, 'a')
      })
      world.crashAfter('insert orders')
      world.run(next, () => {
        put(db, 'b')
        put(db, 'c')
        db.exec(sql)
        put(db, 'd')
      })
      world.settle()
      expect(store.isOpen()).toBe(true)
      world.run(shop, () => db.exec('RELEASE s'))
      expect(ids()).toEqual(['a', 'b'])
    },
  )
})

test('whoever has a transaction open may crash while the ghost of another is in it', () => {
  const { db, store, world, shop, next, ids } = open()
  world.run(shop, () => {
    db.exec('BEGIN')
    put(db, 'a')
  })
  next.dead = true
  store.crash(next, true)
  world.run(next, () => put(db, 'b'))
  shop.dead = true
  store.crash(shop, true) // at a call on another store: none here has settled the ghost
  world.run(shop, () => db.exec('COMMIT'))
  world.settle()
  expect(store.isOpen()).toBe(false)
  expect(ids()).toEqual([])
})

test('two lives may crash in one drain without a live call between them', () => {
  const { db, store, world, shop, next, ids } = open()
  for (const life of [shop, next]) {
    life.dead = true
    store.crash(life, true)
    world.run(life, () => put(db, life.node))
  }
  world.settle()
  expect(store.isOpen()).toBe(false)
  expect(ids()).toEqual([])
})

test('after reset, settle touches nothing that is open since', () => {
  const { db, store, world, shop } = open()
  world.crashAfter('insert orders')
  world.run(shop, () => {
    put(db, 'a')
    put(db, 'b')
  })
  void store.reset()
  db.exec('BEGIN')
  store.settle()
  expect(store.isOpen()).toBe(true)
})

describe('two databases', () => {
  function two(): { one: DatabaseSync; two: DatabaseSync; world: FakeWorld } {
    const [one, other] = [new DatabaseSync(':memory:'), new DatabaseSync(':memory:')]
    one.exec(schema)
    other.exec(schema)
    const stores = [sqlite(one, { name: 'one' }), sqlite(other, { name: 'two' })]
    for (const store of stores) void store.attach()
    onTestFinished(() => {
      for (const store of stores) void store.detach()
    })
    return { one, two: other, world: fakeWorld(stores) }
  }

  test('are told apart by the statement', () => {
    const databases = two()
    const { world } = databases
    const shop = world.life('shop')
    world.crashAfter('update orders')
    world.run(shop, () => {
      put(databases.one, 'a')
      put(databases.two, 'b')
      databases.one.exec('UPDATE orders SET amount = 1')
      put(databases.one, 'c')
      put(databases.two, 'd')
    })
    world.settle()
    expect(world.seen.map((call) => `${call.store} ${call.operation}`)).toEqual([
      'one insert orders',
      'two insert orders',
      'one update orders',
    ])
    expect(databases.one.prepare('SELECT id FROM orders').all()).toEqual([{ id: 'a' }])
    expect(databases.two.prepare('SELECT id FROM orders').all()).toEqual([{ id: 'b' }])
  })
})

describe('refusals', () => {
  function inFile(): { path: string; db: DatabaseSync } {
    const folder = mkdtempSync(join(tmpdir(), 'two-generals-'))
    const path = join(folder, 'shop.db')
    const db = new DatabaseSync(path)
    db.exec(`${schema}; INSERT INTO orders VALUES ('real', 1)`)
    onTestFinished(() => {
      db.close()
      rmSync(folder, { recursive: true })
    })
    return { path, db }
  }

  test('a database in a file is refused, and its file is as it was', () => {
    const { path, db } = inFile()
    const before = readFileSync(path)
    expect(() => sqlite(db, { seed: (it) => it.exec('DELETE FROM orders') }).attach()).toThrow(
      `sqlite("sqlite"): the database is the file ${path}, and a test rewrites its content many times. ` +
        "Use new DatabaseSync(':memory:') in tests, or allow it with sqlite(db, { wipe: true }). Nothing was changed.",
    )
    expect(readFileSync(path)).toEqual(before)
  })

  test('with wipe it is used, by two connections too, and put back', () => {
    const { path, db } = inFile()
    const second = new DatabaseSync(path)
    onTestFinished(() => second.close())
    const stores = [sqlite(db, { name: 'one', wipe: true }), sqlite(second, { name: 'two', wipe: true })]
    for (const store of stores) void store.attach()
    const world = fakeWorld(stores)
    const [shop, next] = [world.life('shop'), world.life('next')]
    world.crashAfter('insert orders')
    world.run(shop, () => {
      put(db, 'a')
      put(db, 'b')
    }) // its ghost holds the file's lock
    world.run(next, () => put(second, 'c'))
    world.settle()
    expect(
      db
        .prepare('SELECT id FROM orders ORDER BY id')
        .all()
        .map((row) => row['id']),
    ).toEqual(['a', 'c', 'real'])
    world.run(next, () => {
      second.exec('BEGIN IMMEDIATE')
      put(second, 'd')
    }) // left open
    for (const store of stores) void store.reset()
    expect(db.prepare('SELECT id FROM orders').all()).toEqual([{ id: 'real' }])
    world.run(next, () => put(second, 'e'))
    void stores[0]?.reset() // it was the other connection that changed
    expect(db.prepare('SELECT id FROM orders').all()).toEqual([{ id: 'real' }])
    world.run(next, () => put(second, 'f'))
    for (const store of stores) void store.detach()
    expect(db.prepare('SELECT id FROM orders').all()).toEqual([{ id: 'real' }])
  })

  test('one database registered twice', () => {
    const { db } = open()
    expect(() => sqlite(db, { name: 'again' }).attach()).toThrow(
      /sqlite\("again"\): this database is already registered as "sqlite"/,
    )
  })

  test.each<[string, (db: DatabaseSync) => void, RegExp]>([
    ['an open transaction', (db) => db.exec('BEGIN'), /a transaction is open before the test starts\. Commit it first/],
    ['an attached database', (db) => db.exec("ATTACH ':memory:' AS other"), /has "other" attached.*a store of its own/],
    [
      'a virtual table',
      (db) => db.exec('CREATE VIRTUAL TABLE words USING fts5(text)'),
      /the virtual table "words".*boot/,
    ],
    ['a closed database', (db) => db.close(), /is not open/],
  ])('%s', (_, setUp, message) => {
    const db = new DatabaseSync(':memory:')
    setUp(db)
    const store = sqlite(db)
    expect(() => store.attach()).toThrow(message)
    void store.detach()
  })

  test('what is not a DatabaseSync, with what was found', () => {
    class Database {
      prepare(): void {}
      exec(): void {}
    } // as better-sqlite3 has it
    expect(() => sqlite(new Database() as unknown as DatabaseSync)).toThrow('found a Database.')
    expect(() => sqlite(undefined as unknown as DatabaseSync)).toThrow('found undefined.')
  })

  test('a database that was closed during a history is an error of reset, and none of detach', () => {
    const { db, store, world, shop } = open()
    world.run(shop, () => db.close())
    expect(() => store.reset()).toThrow(/was closed during a history/)
    void store.detach()
  })
})

test('a Node that does not tell whether a transaction is open is probed', () => {
  const db = new DatabaseSync(':memory:')
  const exec = (sql: string): void => db.exec(sql)
  expect(probe(exec)).toBe(false)
  expect(db.isTransaction).toBe(false)
  db.exec('BEGIN')
  expect(probe(exec)).toBe(true)
  expect(db.isTransaction).toBe(true)
})
