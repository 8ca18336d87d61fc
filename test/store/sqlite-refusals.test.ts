// What the SQLite store refuses, and databases in files: nothing may be lost that a test did not make.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import { fakeWorld } from '../../src/conformance/fake-world.ts'
import { openShop, put, schema } from './sqlite-shop.ts'

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
        "Open ':memory:' in tests, or allow it with sqlite(db, { wipe: true }). Nothing was changed.",
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
    const { db } = openShop()

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
    const { db, store, world, shop } = openShop()

    world.run(shop, () => db.close())

    expect(() => store.reset()).toThrow(/was closed during a history/)

    void store.detach()
  })
})
