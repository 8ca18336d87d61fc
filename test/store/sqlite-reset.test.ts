// The first content comes back exactly, whatever a history did to rows and schema; and it comes back fast.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../src/system/store.ts'
import { sqlite, type SqliteOptions } from '../../src/store/sqlite/sqlite.ts'
import { amount } from '../full.ts'

function open(setUp: string, options: SqliteOptions = {}): { db: DatabaseSync; store: Store } {
  const db = new DatabaseSync(':memory:')
  db.exec(setUp)
  const store = sqlite(db, options)
  void store.attach()
  onTestFinished(() => {
    if (db.isOpen) void store.detach()
  })
  return { db, store }
}

/** All that can be seen of a database, as text, types included. */
function dump(db: DatabaseSync): string[] {
  const lines: string[] = []
  for (const master of ['sqlite_master', 'sqlite_temp_master']) {
    for (const { type, name, sql } of db
      .prepare(`SELECT * FROM ${master} WHERE sql NOT NULL ORDER BY type, name`)
      .all()) {
      if (name === 'sqlite_sequence') continue
      lines.push(`${String(type)} ${String(name)}: ${String(sql)}`)
      if (type === 'table') lines.push(...rows(db, String(name)))
    }
  }
  return [
    ...lines,
    JSON.stringify(db.prepare('PRAGMA user_version').all()),
    JSON.stringify(db.prepare('PRAGMA foreign_keys').all()),
  ]
}

function rows(db: DatabaseSync, table: string): string[] {
  const columns = db
    .prepare(`PRAGMA table_xinfo("${table}")`)
    .all()
    .map((column) => `quote("${String(column['name']).replaceAll('"', '""')}")`)
  const rowid = db.prepare(`PRAGMA table_list("${table}")`).get()?.['wr'] === 1 ? '0' : '_rowid_'
  return db
    .prepare(`SELECT ${rowid} || ': ' || ${columns.join(" || ', ' || ")} AS line FROM "${table}" ORDER BY 1`)
    .all()
    .map((row) => String(row['line']))
}

const everything = `
  CREATE TABLE plain (a, "odd ""name" TEXT, c INTEGER CHECK (c <> 13));
  INSERT INTO plain (rowid, a, "odd ""name", c) VALUES
    (3, 9007199254740993, 'x', -9223372036854775808), -- the first odd number that no double holds; the least integer
    (1, x'00ff', NULL, 1),
    (7, 1.0, '', 2), -- real, though it is whole
    (8, 1e300, char(0x1F600), 3);
  CREATE TABLE keyed (id INTEGER PRIMARY KEY AUTOINCREMENT, twice AS (id * 2) STORED, thrice AS (id * 3));
  INSERT INTO keyed (id) VALUES (5), (900);
  DELETE FROM keyed WHERE id = 900;
  CREATE TABLE bare (k TEXT, n INT, PRIMARY KEY (k, n)) WITHOUT ROWID;
  INSERT INTO bare VALUES ('b', 1), ('a', 2);
  CREATE TABLE shadowed (rowid TEXT, x ANY) STRICT;
  INSERT INTO shadowed (_rowid_, rowid, x) VALUES (5, 'mine', 1), (9, 'yours', '1');
  CREATE TABLE parent (id INTEGER PRIMARY KEY);
  CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES parent ON DELETE CASCADE, UNIQUE (parent, id));
  INSERT INTO parent VALUES (1), (2);
  INSERT INTO child VALUES (1, 2), (2, 1);
  CREATE TABLE early (late REFERENCES late ON DELETE CASCADE);
  CREATE TABLE late (id INTEGER PRIMARY KEY);
  INSERT INTO late VALUES (1);
  INSERT INTO early VALUES (1);
  CREATE INDEX by_c ON plain (c) WHERE c > 0;
  CREATE VIEW totals AS SELECT count(*) AS n FROM plain;
  CREATE TABLE log (line);
  CREATE TRIGGER no_delete BEFORE DELETE ON plain BEGIN SELECT RAISE(ABORT, 'plain is append-only'); END;
  CREATE TRIGGER logged AFTER INSERT ON keyed BEGIN INSERT INTO log VALUES ('+' || new.id); END;
  CREATE TRIGGER through INSTEAD OF INSERT ON totals BEGIN INSERT INTO log VALUES ('total'); END;
  CREATE TEMP TABLE scratch (x);
  INSERT INTO scratch VALUES (1);
  CREATE INDEX temp.by_x ON scratch (x);
  CREATE TEMP TRIGGER watching AFTER INSERT ON plain BEGIN INSERT INTO scratch VALUES (new.c); END;
  PRAGMA user_version = 4;
`

/** What a history may do, each of which must be undone. */
const acts: readonly string[] = [
  "INSERT INTO plain (a, c) VALUES ('new', 99)",
  'UPDATE plain SET a = 0, c = c + 100',
  'INSERT INTO keyed DEFAULT VALUES',
  'DELETE FROM keyed',
  "UPDATE bare SET n = 5; INSERT INTO bare VALUES ('z', 1)",
  'DELETE FROM shadowed',
  'DELETE FROM parent WHERE id = 1',
  'INSERT INTO totals VALUES (1)',
  'DROP TRIGGER no_delete; DELETE FROM plain',
  'DROP TRIGGER logged; CREATE TRIGGER logged AFTER DELETE ON keyed BEGIN INSERT INTO log VALUES (0); END',
  'CREATE TRIGGER extra BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 7); END',
  'DROP INDEX by_c; CREATE INDEX by_c ON plain (a)',
  'DROP VIEW totals',
  'ALTER TABLE log ADD COLUMN at',
  'ALTER TABLE bare RENAME TO bear',
  'DROP TABLE child',
  'DROP TABLE IF EXISTS keyed',
  'CREATE TABLE more (id INTEGER PRIMARY KEY AUTOINCREMENT, p REFERENCES parent); INSERT INTO more DEFAULT VALUES',
  'CREATE TEMP TABLE passing (x); CREATE TEMP VIEW glance AS SELECT 1',
  'DROP TABLE scratch',
  'DROP TRIGGER watching',
  "CREATE VIRTUAL TABLE words USING fts5(text); INSERT INTO words VALUES ('hello')",
  'PRAGMA user_version = 5',
  'PRAGMA foreign_keys = OFF',
  "BEGIN; INSERT INTO log VALUES ('left open')",
  'SAVEPOINT left; DELETE FROM bare',
]

function perform(db: DatabaseSync, sql: string): void {
  try {
    db.exec(sql)
  } catch {
    // an earlier act took what this one needs; what it did until then must be undone all the same
  }
}

describe('reset', () => {
  test.each(acts)('undoes %s', (act) => {
    const { db, store } = open(everything)
    const first = dump(db)
    const sequence = db.prepare('SELECT * FROM sqlite_sequence').all()

    db.exec(act)

    expect(dump(db)).not.toEqual(first)

    void store.reset()

    expect(db.isTransaction).toBe(false)
    expect(dump(db)).toEqual(first)
    expect(db.prepare('SELECT * FROM sqlite_sequence').all()).toEqual(sequence)
    expect(db.prepare('INSERT INTO keyed DEFAULT VALUES').run().lastInsertRowid).toBe(901)
    expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  })

  test('undoes any acts in any order, again and again', () => {
    const { db, store } = open(everything)
    const first = dump(db)

    fc.assert(
      fc.property(fc.array(fc.constantFrom(...acts), { maxLength: 6 }), (some) => {
        for (const act of some) perform(db, act)
        void store.reset()
        expect(dump(db)).toEqual(first)
      }),
      { numRuns: amount(200) },
    )
  })

  test('keeps values that JavaScript numbers cannot, and the kinds of others', () => {
    const { db, store } = open(everything)

    db.exec('DROP TRIGGER no_delete; DELETE FROM plain')
    void store.reset()

    expect(
      db.prepare('SELECT rowid, CAST(a AS TEXT) AS text, typeof(a) AS type FROM plain ORDER BY rowid').all(),
    ).toEqual([
      { rowid: 1, text: expect.any(String) as string, type: 'blob' },
      { rowid: 3, text: '9007199254740993', type: 'integer' },
      { rowid: 7, text: '1.0', type: 'real' },
      { rowid: 8, text: '1.0e+300', type: 'real' },
    ])
  })

  test('CREATE TABLE IF NOT EXISTS at every boot starts empty every time', () => {
    const { db, store } = open('')
    for (let history = 0; history < 3; history++) {
      db.exec(
        'CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO orders DEFAULT VALUES',
      )
      expect(db.prepare('SELECT id FROM orders').all()).toEqual([{ id: 1 }])
      void store.reset()
      expect(db.prepare("SELECT name FROM sqlite_master WHERE name = 'orders'").all()).toEqual([])
    }
  })

  test("keeps the user's prepared statements, even of tables that came back", () => {
    const { db, store } = open('CREATE TABLE orders (id); CREATE TRIGGER t AFTER INSERT ON orders BEGIN SELECT 1; END')
    const insert = db.prepare('INSERT INTO orders VALUES (?)')
    const count = db.prepare('SELECT count(*) AS n FROM orders')

    for (const end of ['', 'DROP TABLE orders', 'ALTER TABLE orders ADD COLUMN n']) {
      insert.run(1)
      db.exec(end)
      void store.reset()
      expect(count.get()).toEqual({ n: 0 })
    }
  })

  test('leaves an untouched database alone', () => {
    const { db, store } = open(everything)
    const changes = (): unknown => db.prepare('SELECT total_changes() AS n').get()?.['n']
    const before = changes()

    db.prepare('SELECT count(*) FROM plain').all()
    void store.reset()
    void store.reset()

    expect(changes()).toBe(before)
  })

  test('throws where the content cannot be restored, and leaves no transaction behind', () => {
    const { db, store } = open('CREATE TABLE a (n); INSERT INTO a VALUES (1), (2)')

    db.exec('DROP TABLE a')
    db.exec('CREATE TABLE b (n); INSERT INTO b VALUES (1), (2)')
    const rest = db.prepare('SELECT * FROM b').iterate()

    onTestFinished(() => void rest.return?.())
    rest.next()

    expect(() => store.reset()).toThrow(
      /^sqlite\("sqlite"\): the first content could not be put back: (?:.*locked|.*busy).*iterator still open\?$/,
    )
    expect(db.isTransaction).toBe(false)

    rest.return?.()
    void store.reset()

    expect(db.prepare('SELECT n FROM a').all()).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('is fast', () => {
    const small =
      'CREATE TABLE orders (id TEXT PRIMARY KEY, n INT); CREATE TABLE stock (item TEXT PRIMARY KEY, n INT CHECK ' +
      '(n >= 0)); ' +
      "INSERT INTO stock VALUES ('apple', 3), ('pear', 2)"
    const { db, store } = open(small)
    const insert = db.prepare('INSERT INTO orders VALUES (?, 1)')
    const perSecond = (act: () => void): number => {
      const endMs = performance.now() + 200
      const before = process.cpuUsage()
      let resets = 0
      for (; performance.now() < endMs; resets++) {
        act()
        void store.reset()
      }
      const { user, system } = process.cpuUsage(before) // other work on the machine does not count
      return Math.round(resets / ((user + system) / 1_000_000))
    }
    const rates = {
      'one insert': perSecond(() => {
        insert.run('a')
      }),
      untouched: perSecond(() => undefined),
      'one table created': perSecond(() => {
        db.exec('CREATE TABLE IF NOT EXISTS more (id)')
      }),
    }

    console.log('resets per second, small database:', rates)

    expect(rates['one insert']).toBeGreaterThan(1_000)
  })
})
