// The little SQL that is read, held against SQLite's own reading where that can be seen.
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { classify, splitStatements, type Control } from '../../src/store/sql.ts'

test.each<[string, string, boolean, Control?]>([
  ['insert into orders values (1)', 'insert orders', true],
  ['INSERT OR IGNORE INTO main."order""s" (a) VALUES (?)', 'insert order"s', true],
  ['replace into [my orders] values (1)', 'replace my orders', true],
  ['/* update x */ -- delete\n update or replace `stock` set n = n - 1', 'update stock', true],
  ['UPDATE stock SET n = 0', 'update stock', true],
  ['delete from main.orders where id = $from', 'delete orders', true],
  ['select * from orders where id = ?', 'select orders', false],
  ["select (select max(b) from inner_table) from 'outer' o", 'select outer', false],
  ['select * from (select * from orders)', 'select orders', false],
  ["select 'from nowhere'", 'select', false],
  [
    'with a as (select * from b), c(x) as materialized (delete_me) insert into orders select * from a returning id',
    'insert orders',
    true,
  ],
  ['with recursive n(i) as (select 1 union all select i + 1 from n) select i from n', 'select n', false],
  ['with a as (select 1) update stock set n = 1', 'update stock', true],
  ['values (1)', 'values', false],
  ['explain query plan delete from orders', 'explain', false],
  ['create table if not exists orders (id)', 'create table orders', true],
  ['create temp view v as select 1', 'create view v', true],
  ['create unique index main.i on orders (id)', 'create index i', true],
  ['drop table if exists orders', 'drop table orders', true],
  ['alter table orders add column n', 'alter table orders', true],
  ['begin immediate', 'begin', false, 'begin'],
  ['commit', 'commit', true, 'commit'],
  [' ; end transaction;', 'commit', true, 'commit'],
  ['rollback', 'rollback', false, 'rollback'],
  ['rollback transaction to savepoint s', 'rollback to', false, 'rollback to'],
  ['savepoint s', 'savepoint', false, 'savepoint'],
  ['release s', 'release', false, 'release'],
  ['pragma user_version', 'pragma user_version', false],
  ['pragma main.user_version = 3', 'pragma user_version', true],
  ['pragma foreign_keys = on', 'pragma foreign_keys', false, 'connection'],
  ['pragma journal_mode(wal)', 'pragma journal_mode', false, 'connection'],
  ['pragma table_info(orders)', 'pragma table_info', false],
  ['pragma optimize', 'pragma optimize', false, 'connection'],
  ['vacuum', 'vacuum', false, 'connection'],
  ["attach 'x' as y", 'attach', false, 'attach'],
  ['', '', false],
])('%s', (sql, operation, write, control = 'none') => {
  expect(classify(sql)).toEqual({ operation, write, control })
})

const trigger = `create trigger t after insert on a begin
  update a set n = case when new.n > 1 then 2 else 3 end; delete from b where x = 'end;';
end;`

test('a trigger is one statement, whatever ends inside it', () => {
  expect(splitStatements(`${trigger}select 1`)).toEqual([trigger, 'select 1'])
  expect(splitStatements(`create temp ${trigger.slice(7)} commit`)).toHaveLength(2)
})

test('what is not closed reaches to the end', () => {
  for (const sql of ["select 'a; b", 'select "a; b', 'select [a; b', 'select 1 /* a; b', 'select `a; b'])
    expect(splitStatements(sql)).toEqual([sql])
})

test('long literals take no stack and no time', () => {
  const sql = `insert into a values ('${"it''s;".repeat(200_000)}'); select 1`

  expect(splitStatements(sql)).toHaveLength(2)
})

test('statements end where SQLite ends them', () => {
  const db = new DatabaseSync(':memory:')
  db.exec('create table a (n, "end;", b)')
  db.exec('create table b (x)')
  const statement = fc.constantFrom(
    'select 1',
    "select ';'",
    "select 'it''s; so'",
    'select "end;" from a',
    'select [end;] from a',
    'select `end;` from a',
    "select x';'".replace("x';'", "x'3b'"),
    'select 1 -- ; not yet\n',
    'select /* ; */ 2',
    'begin',
    'commit',
    'insert into b values (:end), (@begin), ($c), (?1)',
    "select case when 1 then ';' end",
    trigger.slice(0, -1),
    `explain ${trigger.slice(0, -1)}`,
    'select 1.5e3, .5, 0x1F',
  )
  const separator = fc.constantFrom(';', ' ; ', ';\n-- next; one\n', ';;', '; /* ; */ ')

  fc.assert(
    fc.property(fc.array(fc.tuple(statement, separator), { minLength: 1, maxLength: 6 }), (parts) => {
      const sql = parts.flat().join('')
      const pieces: string[] = []
      for (let rest = sql; splitStatements(rest).length > 0;) {
        const first = db.prepare(rest).sourceSQL
        pieces.push(first)
        rest = rest.slice(first.length)
      }
      const trim = (piece: string): string => piece.replace(/^[\s;]+/, '')
      expect(splitStatements(sql).map(trim)).toEqual(pieces.map(trim))
      expect(splitStatements(sql)).toHaveLength(parts.length)
    }),
    { numRuns: 300 },
  )
})
