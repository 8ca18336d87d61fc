// Crashes in the middle of SQL: what the rest of the synchronous code, the ghost, does with and without a transaction.
import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { openShop, put } from './sqlite-shop.ts'

describe('a ghost outside a transaction', () => {
  test.each<[string, (db: DatabaseSync) => void]>([
    [
      'exec',
      (db) =>
        db.exec(`
      BEGIN;
      INSERT INTO orders VALUES ('b', 1);
      COMMIT;
      INSERT INTO orders VALUES ('c', 1)`),
    ],
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
    [
      'savepoints of its own',
      (db) =>
        db.exec(`
      SAVEPOINT s;
      INSERT INTO orders VALUES ('b', 1);
      RELEASE s;
      COMMIT`),
    ],
    [
      'a commit without a begin',
      (db) => {
        db.exec('COMMIT')
        put(db, 'b')
        db.exec('ROLLBACK')
        put(db, 'c')
      },
    ],
    [
      'a schema change',
      (db) =>
        db.exec(`
      DROP TABLE orders;
      CREATE TABLE orders (id);
      CREATE TABLE more (a)`),
    ],
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
        db.exec(`
          PRAGMA foreign_keys = OFF;
          VACUUM;
          PRAGMA user_version = 9`)
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
    const { db, store, world, shop, ids } = openShop()

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

    world.run(world.life('next'), () =>
      db.exec(`
      BEGIN;
      INSERT INTO orders VALUES ('z', 1);
      COMMIT`),
    )

    expect(ids()).toEqual(['a', 'z'])
  })

  test('its ROLLBACK undoes what its own transaction did, and no more', () => {
    const { db, world, shop, ids } = openShop()

    world.crashAfter('insert orders')
    world.run(shop, () => {
      put(db, 'a')
      put(db, 'b')
      db.exec(`
        BEGIN;
        INSERT INTO orders VALUES ('c', 1);
        ROLLBACK`)
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
      (db) =>
        db.exec(`
        ROLLBACK;
        BEGIN;
        INSERT INTO orders VALUES ('c', 1);
        COMMIT`),
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
    const { db, store, world, shop, ids } = openShop()

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
    const { db, world, shop, ids } = openShop()

    world.crashAfter('commit')
    world.run(shop, () =>
      db.exec(`
        BEGIN;
        INSERT INTO orders VALUES ('a', 1);
        COMMIT;
        INSERT INTO orders VALUES ('b', 1)`),
    )
    world.settle()

    expect(ids()).toEqual(['a'])
  })

  test('a transaction begun by SAVEPOINT is not released by its ghost', () => {
    const { db, world, shop, ids } = openShop()

    world.crashAfter('insert orders')
    world.run(shop, () =>
      db.exec(`
      SAVEPOINT s;
      INSERT INTO orders VALUES ('a', 1);
      ROLLBACK TO s;
      RELEASE s`),
    )
    world.settle()

    expect(ids()).toEqual([])
  })

  test('the next live call comes after its transaction was rolled back', () => {
    const { db, world, shop, next, ids } = openShop()

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
