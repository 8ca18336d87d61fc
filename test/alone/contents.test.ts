// What stores show of their content: rows by table, as they are at the end of a history, for each adapter.
import { DatabaseSync } from 'node:sqlite'
import { PGlite } from '@electric-sql/pglite'
import { expect, test } from 'vitest'
import { map, sqlite, store, type Store } from '../../src/index.ts'
import { postgres } from '../../src/postgres.ts'

/** The content of a store that is in use, after something was written. */
async function contentOf(used: Store, write: () => unknown): Promise<unknown> {
  await used.attach()
  try {
    await used.reset()
    await write()
    return await used.content?.()
  } finally {
    await used.detach()
  }
}

test('a Map has entries, and a Set items', async () => {
  const seen = new Map([['a', 1]])
  expect(await contentOf(map(seen, { name: 'seen' }), () => seen.set('b', 2))).toEqual({
    seen: [
      ['a', 1],
      ['b', 2],
    ],
  })
  const known = new Set(['a'])
  expect(await contentOf(map(known, { name: 'known' }), () => known.add('b'))).toEqual({ known: ['a', 'b'] })
})

test('SQLite has rows by table, without hidden rowids and counters', async () => {
  const db = new DatabaseSync(':memory:')
  db.exec('create table "an ""order" (id integer primary key autoincrement, item text); create table empty (x)')
  expect(await contentOf(sqlite(db), () => db.exec(`insert into "an ""order" (item) values ('tea')`))).toEqual({
    'an "order': [{ id: 1n, item: 'tea' }],
    empty: [],
  })
})

test('other state is what its snapshot shows, and nothing where there is none', async () => {
  const mails: string[] = []
  const reset = (): void => void mails.splice(0)
  const restore = (content: readonly string[]): void => void mails.splice(0, mails.length, ...content)
  const snapshot = (): readonly string[] => [...mails]
  expect(await contentOf(store('mails', { reset, snapshot, restore }), () => mails.push('a'))).toEqual({ mails: ['a'] })
  expect(await contentOf(store('mails', { reset }), () => mails.push('a'))).toEqual({})
})

test('PostgreSQL has rows by table', { tags: ['full'] }, async () => {
  const db = new PGlite()
  await db.exec('create schema other; create table orders (id int, at timestamptz); create table other.stock (n int)')
  const write = () => db.exec("insert into orders values (1, '2026-01-01Z'); insert into other.stock values (7)")
  expect(await contentOf(postgres(db), write)).toEqual({
    orders: [{ id: 1, at: '2026-01-01T00:00:00+00:00' }],
    'other.stock': [{ n: 7 }],
  })
  await db.close()
})
