// A shop's database for the tests of the SQLite store: one table, two lives that use it, and the ids it holds.
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import type { Life } from '../../src/simulate/context.ts'
import type { Store } from '../../src/system/store.ts'
import { sqlite } from '../../src/store/sqlite/sqlite.ts'
import { fakeWorld, type FakeWorld } from '../../src/conformance/fake-world.ts'

export const schema = 'CREATE TABLE orders (id TEXT PRIMARY KEY, amount INTEGER)'

export interface Shop {
  readonly db: DatabaseSync
  readonly store: Store
  readonly world: FakeWorld
  /** Two lives that use the one connection. */
  readonly shop: Life
  readonly next: Life
  /** The ids of the orders in the database. */
  readonly ids: () => unknown[]
}

/** An attached store over a database in memory that holds these orders. It is detached when the test ends. */
export function openShop(...orders: readonly string[]): Shop {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  for (const id of orders) put(db, id)
  const store = sqlite(db)
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

/** Inserts an order. */
export function put(db: DatabaseSync, id: string): void {
  db.prepare('INSERT INTO orders (id) VALUES (?)').run(id)
}
