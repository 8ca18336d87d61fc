// The SQLite store: what every store owes, which calls are reported to the simulation, and which database they are on.
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import { probe } from '../../src/store/sqlite/connection.ts'
import { fakeWorld, type FakeWorld } from '../../src/conformance/fake-world.ts'
import { storeConformance } from '../../src/conformance/store-conformance.ts'
import { openShop, put, schema } from './sqlite-shop.ts'

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

describe('what is reported', () => {
  test('exec is reported statement by statement, and a crash may come between any two', () => {
    const { db, world, shop, ids } = openShop()

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

  test('exec stops at a statement that throws, and that one is not reported', () => {
    const { db, world, shop, ids } = openShop()

    world.run(shop, () => {
      expect(() =>
        db.exec(`
          INSERT INTO orders VALUES ('a', 1);
          INSERT INTO nowhere VALUES (1);
          INSERT INTO orders VALUES ('b', 1)`),
      ).toThrow('no such table: nowhere')
      expect(() => put(db, 'a')).toThrow('UNIQUE')
    })

    expect(world.take()).toEqual(['insert orders !'])
    expect(ids()).toEqual(['a'])
  })

  test('a transaction: open from begin until commit, which is a write', () => {
    const { db, world, shop } = openShop()

    world.run(shop, () => {
      db.exec('BEGIN IMMEDIATE')
      put(db, 'a')
      db.prepare('COMMIT').run()
      db.exec(`
        BEGIN;
        INSERT INTO orders VALUES ('b', 1);
        ROLLBACK`)
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
    const { db, world, shop } = openShop()
    world.run(shop, () => db.exec("SAVEPOINT a; SAVEPOINT b; INSERT INTO orders VALUES ('a', 1); RELEASE b; RELEASE a"))
    expect(world.take()).toEqual([
      'savepoint (open)',
      'savepoint (open)',
      'insert orders ! (open)',
      'release (open)',
      'release !',
    ])
  })

  test.each([
    ['UPDATE', (db: DatabaseSync) => db.prepare("UPDATE orders SET amount = 2 WHERE id = 'b'").run()],
    ['UPDATE ... RETURNING', (db: DatabaseSync) => db.prepare('UPDATE orders SET id = 1 WHERE 0 RETURNING id').get()],
    ['DELETE', (db: DatabaseSync) => db.prepare('DELETE FROM orders WHERE 0').run()],
    ['INSERT OR IGNORE', (db: DatabaseSync) => db.exec("INSERT OR IGNORE INTO orders VALUES ('a', 3)")],
    ['WITH', (db: DatabaseSync) => db.prepare('WITH o AS (SELECT 1) DELETE FROM orders WHERE id IN o').run()],
  ])('a statement that finds no row to change is no write: %s', (_name, change) => {
    const { db, world, shop } = openShop('a')

    world.run(shop, () => change(db))

    expect(world.take().join()).toMatch(/^(update|delete|insert) orders$/)
  })

  test('nor is the end of a transaction in which all statements were like that', () => {
    const { db, world, shop } = openShop()

    world.run(shop, () =>
      db.exec('BEGIN; UPDATE orders SET amount = 2; COMMIT; SAVEPOINT a; DELETE FROM orders; RELEASE a'),
    )

    expect(world.take()).toEqual([
      'begin (open)',
      'update orders (open)',
      'commit',
      'savepoint (open)',
      'delete orders (open)',
      'release',
    ])
  })

  test('a change that only a trigger makes is a write', () => {
    const { db, world, shop } = openShop()
    db.exec(`CREATE VIEW shown AS SELECT * FROM orders;
      CREATE TRIGGER t INSTEAD OF INSERT ON shown BEGIN INSERT INTO orders VALUES (NEW.id, NEW.amount); END`)

    world.run(shop, () => db.exec("INSERT INTO shown VALUES ('a', 1)"))

    expect(world.take()).toEqual(['insert shown !'])
  })

  test('values are the bound parameters, named or not, bytes included', () => {
    const { db, world, shop } = openShop()
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
    const { db, world, shop } = openShop('a')

    world.run(shop, () => {
      const rows = db.prepare('SELECT id FROM orders').iterate()
      put(db, 'b')
      expect([...rows]).toEqual([{ id: 'a' }])
    })

    expect(world.take()).toEqual(['select orders', 'insert orders !'])
  })

  test('iterate can be left early', () => {
    const { db, world, shop } = openShop('a', 'b')

    world.run(shop, () => {
      for (const row of db.prepare('SELECT id FROM orders').iterate()) {
        put(db, `${String(row['id'])}2`)
        break
      }
    })

    expect(world.take()).toEqual(['select orders', 'insert orders !'])
  })

  test('tagged templates are reported', ({ skip }) => {
    const { db, world, shop, ids } = openShop()

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

  test('a database that is not registered is not reported', () => {
    const { world, shop } = openShop()
    const other = new DatabaseSync(':memory:')

    world.run(shop, () => {
      other.exec('CREATE TABLE t (a)')
      other.prepare('INSERT INTO t VALUES (1)').run()
    })

    expect(world.seen).toEqual([])
  })

  test('ATTACH and deserialize are refused, with what to do', () => {
    const { db, world, shop } = openShop()

    world.run(shop, () => {
      expect(() => db.exec("ATTACH ':memory:' AS other")).toThrow(/ATTACH cannot be simulated.*register it as a store/)
      if ('deserialize' in db) expect(() => db.deserialize(new Uint8Array(1))).toThrow(/cannot be undone.*seed/)
    })

    expect(world.seen).toEqual([])
  })
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

  test('are distinguished by the statement', () => {
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

test('where Node does not report whether a transaction is open, BEGIN is tried', () => {
  const db = new DatabaseSync(':memory:')
  const exec = (sql: string): void => db.exec(sql)

  expect(probe(exec)).toBe(false)
  expect(db.isTransaction).toBe(false)

  db.exec('BEGIN')

  expect(probe(exec)).toBe(true)
  expect(db.isTransaction).toBe(true)
})
