// What the engines of stores do of their own: for each fault a handler that breaks under it alone, and its sound twin.
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { atLeastOnce } from '../../src/check/at-least-once.ts'
import { always } from '../../src/check/always.ts'
import { rows, journal } from '../../src/history/effect.ts'
import type { SqliteDatabase } from '../../src/store/sqlite/driver.ts'
import { map } from '../../src/store/map.ts'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import type { System } from '../../src/system/system.ts'
import { serve } from '../../src/transport/serve.ts'
import { post } from './systems.ts'

/** The drivers of SQLite. */
export const drivers = {
  'node:sqlite': (path: string): SqliteDatabase => new DatabaseSync(path),
  'better-sqlite3': (path: string): SqliteDatabase => new Database(path),
} as const

type Prepared = { run(...values: unknown[]): unknown; all(...values: unknown[]): unknown[] }

function prepared(db: SqliteDatabase, sql: string): Prepared {
  return db.prepare(sql) as Prepared // the methods that both drivers have
}

/** Saves a note. The broken one logs the error of a write and answers that it is saved. */
export function saving(how: 'logs' | 'tells', db: SqliteDatabase = new DatabaseSync(':memory:')): System {
  db.exec('create table if not exists notes (text)')
  const save = post('save', 'http://shop/')
  const written = rows('note', () => prepared(db, 'select text from notes').all())
  const shop = serve(() => () => {
    try {
      prepared(db, "insert into notes values ('it')").run()
    } catch (error) {
      if (how === 'logs') console.error(error)
      else return new Response('not saved', { status: 500 })
    }
    return new Response('saved')
  })
  return {
    nodes: { shop },
    stores: [sqlite(db, { name: 'notes', wipe: true })],
    operations: [save],
    invariants: [
      atLeastOnce(
        save.by(() => 'it'),
        written.by(() => 'it'),
      ),
    ],
  }
}

const seen = journal<number>('seen')

/** Adds one, and looks. The broken one looks at a replica; the sound one looks in the transaction that adds. */
export function counting(how: 'at a replica' | 'where it wrote'): System {
  const db = new DatabaseSync(':memory:')
  db.exec('create table counts (n integer); insert into counts values (0)')
  const look = (): number => Number(db.prepare('select n from counts').get()?.['n'])
  const shop = serve(() => () => {
    db.exec('begin')
    const before = look()
    db.exec('update counts set n = n + 1')
    const inside = look()
    db.exec('commit')
    seen.add((how === 'at a replica' ? look() : inside) - before)
    return new Response('counted')
  })
  return {
    nodes: { shop },
    stores: [sqlite(db, { name: 'counts', replica: true })],
    operations: [post('count', 'http://shop/')],
    invariants: [always('one more is seen', seen, (all) => all.every((more) => more === 1))],
  }
}

/** The same with a Map: an entry that was set is looked up. */
export function remembering(): System {
  const names = new Map<string, string>()
  const shop = serve(() => () => {
    names.set('it', 'new')
    seen.add(names.get('it') === 'new' ? 1 : 0)
    return new Response('named')
  })
  return {
    nodes: { shop },
    stores: [map(names, { name: 'names', replica: true })],
    operations: [post('name', 'http://shop/')],
    invariants: [always('the new name is seen', seen, (all) => all.every((is) => is === 1))],
  }
}

/** A database in a file, as it is often set for speed: commits are on the disk later. `full`: at once. */
export function settled(
  path: string,
  synchronous: 'normal' | 'full',
  open: (path: string) => SqliteDatabase = drivers['node:sqlite'],
): System {
  const db = open(path)
  db.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}`)
  return saving('tells', db)
}
