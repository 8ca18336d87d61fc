// Seeds: the content that every history starts from, written by the user's own code, which may fail.
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sqlite, type SqliteOptions } from '../../src/store/sqlite/sqlite.ts'

/** JavaScript lets a seed be asynchronous where the types do not look. */
const slowSeed: unknown = (db: DatabaseSync) => Promise.resolve(db.exec('INSERT INTO a VALUES (1)'))

describe('seed', () => {
  test('is what every history starts from, and is gone at the end', () => {
    let seeds = 0
    const db = new DatabaseSync(':memory:')
    db.exec('CREATE TABLE stock (n)')
    db.exec('INSERT INTO stock VALUES (0)')
    const store = sqlite(db, {
      seed: (it) => {
        seeds += 1
        it.exec('UPDATE stock SET n = 3')
        it.exec('CREATE TABLE orders (id)')
      },
    })
    void store.attach()
    onTestFinished(() => store.detach())

    db.exec('UPDATE stock SET n = 1; INSERT INTO orders VALUES (1)')
    void store.reset()

    expect(db.prepare('SELECT n, (SELECT count(*) FROM orders) AS orders FROM stock').all()).toEqual([
      { n: 3, orders: 0 },
    ])

    db.exec('DROP TABLE orders')
    void store.reset()

    expect(db.prepare('SELECT count(*) AS n FROM orders').all()).toEqual([{ n: 0 }])

    void store.detach()

    expect(seeds).toBe(1)
    expect(db.prepare('SELECT * FROM stock').all()).toEqual([{ n: 0 }])
    expect(db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'orders'").all()).toEqual([])
  })

  test.each<[string, SqliteOptions, RegExp]>([
    [
      'that throws',
      {
        seed: (db) => {
          db.exec('INSERT INTO a VALUES (1)')
          throw new Error('no apples')
        },
      },
      /^sqlite\("sqlite"\): seed threw Error: no apples\. What it wrote is undone/,
    ],
    ['that is asynchronous', { seed: slowSeed } as SqliteOptions, /seed is asynchronous/],
    [
      'that leaves a transaction open',
      {
        seed: (db) => {
          db.exec('BEGIN; INSERT INTO a VALUES (1)')
        },
      },
      /seed left a transaction open/,
    ],
    [
      'that makes a virtual table',
      {
        seed: (db) => {
          db.exec('CREATE VIRTUAL TABLE w USING fts5(x)')
        },
      },
      /virtual table "w"/,
    ],
  ])('%s is an error that leaves nothing behind', (_, options, message) => {
    const db = new DatabaseSync(':memory:')

    db.exec('CREATE TABLE a (n)')
    const store = sqlite(db, options)

    expect(() => store.attach()).toThrow(message)
    expect(db.isTransaction).toBe(false)
    expect(db.prepare('SELECT name, (SELECT count(*) FROM a) AS n FROM sqlite_master').all()).toEqual([
      { name: 'a', n: 0 },
    ])

    const again = sqlite(db)

    void again.attach()
    void again.detach()
  })
})
