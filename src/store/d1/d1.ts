// A database of Cloudflare D1, as a Worker's binding is one: SQLite at the other end of a connection. Each call is one
// over the network, and a batch is a transaction. Knows links only by d1-calls.ts.
import { assertOptions, assertType, foundWords } from '../../plain/options.ts'
import type { Store } from '../../system/store.ts'
import { connectionTo } from '../sqlite/connection.ts'
import { fileOf, isOpenDatabase, isSqliteDatabase, type SqliteDatabase } from '../sqlite/driver.ts'
import { sqlite } from '../sqlite/sqlite.ts'
import { D1Calls } from './d1-calls.ts'
import { D1Engine, type D1Result } from './d1-engine.ts'
import { D1Replica, D1Session } from './d1-replica.ts'
import { preparedFor, queryOf, type D1Prepared } from './d1-prepared.ts'

/** Options of {@link d1}. */
export interface D1Options<D extends SqliteDatabase = SqliteDatabase> {
  /** Its name in stories and addresses. @default 'd1' */
  readonly name?: string
  /**
   * Read replication is on: in a session, a read may be answered by a replica that lags, never behind what that session
   * has seen.
   *
   * @default false
   */
  readonly replica?: boolean
  /** Writes, once, the content that every history starts from. @default the content that is found */
  readonly seed?: (db: D) => void
}

/** What a Worker finds in `env`: the methods of Cloudflare's `D1Database`. */
export interface D1 {
  /** The durable store, for `stores`. */
  readonly store: Store
  prepare(sql: string): D1Prepared
  /** Carries the statements out in one transaction: all of them or none. */
  batch<T = Record<string, unknown>>(statements: readonly D1Prepared[]): Promise<D1Result<T>[]>
  /** Carries out statements, each on lines of its own. What came before one that fails stays. */
  exec(sql: string): Promise<{ count: number; duration: number }>
  /**
   * A session, which begins with what a bookmark has seen, at the primary (`'first-primary'`) or anywhere.
   *
   * @throws where the text is none of these
   * @see https://developers.cloudflare.com/d1/worker-api/d1-database/#withsession
   */
  withSession(start?: string): D1DatabaseSession
  /** @throws always: it is deprecated, and not simulated */
  dump(): Promise<ArrayBuffer>
}

/** A session of a database: the methods of Cloudflare's `D1DatabaseSession`. */
export interface D1DatabaseSession extends Pick<D1, 'prepare' | 'batch'> {
  /** What the session has seen last, for the next one; null before its first answer. */
  getBookmark(): string | null
}

/**
 * A database of SQLite in the place of Cloudflare's D1. Put what it gives into `env`, and its `store` into `stores`;
 * the Worker's code, or Drizzle in it, stays as it is.
 *
 * Inside a simulation each `first`, `run`, `all`, `raw`, `batch` and `exec` is a call over the network: it leaves, is
 * carried out, and its result comes back, so that all faults of calls apply: the answer to a batch that was carried out
 * is lost, the Worker dies between two calls. Errors begin with `D1_ERROR`, as Cloudflare's do; there is one after 30 s
 * without an answer. Under `readonly` the database has reached its largest size. `BEGIN`, `COMMIT` and `SAVEPOINT` are
 * refused, as by D1.
 *
 * Every history starts from the content found, or from `seed`: run your migrations on `db` before the test.
 *
 * @param db an open database of `node:sqlite` or better-sqlite3, in memory
 * @throws where `db` is no such database, or is in a file
 * @example
 * const DB = d1(new DatabaseSync(':memory:'))
 *
 * nodes: { shop: serve(() => worker, { env: { DB } }) },
 * stores: [DB.store],
 * @see https://developers.cloudflare.com/d1/worker-api/d1-database/
 */
export function d1<D extends SqliteDatabase>(db: D, options: D1Options<D> = {}): D1 {
  assertOptions('d1()', options, { name: true, replica: true, seed: true } satisfies Record<keyof D1Options, true>)
  assertType('d1(): name', options.name, 'string', 'a text')
  assertType('d1(): replica', options.replica, 'boolean', 'true or false')
  const { name = 'd1', replica = false, seed } = options
  if (!/^[\w.-]+$/.test(name))
    throw new Error(`d1(): ${foundWords(name)} is no valid name. Give one word: d1(db, { name: 'DB' }).`)
  if (!isSqliteDatabase(db))
    throw new Error(
      `d1("${name}") takes a database of node:sqlite or better-sqlite3; found ${foundWords(db)}. Give the database ` +
        'itself, not the query builder around it. What Wrangler and ' +
        "Miniflare give runs in a process of its own, which no simulation reaches: d1(new DatabaseSync(':memory:')).",
    )
  const file = isOpenDatabase(db) ? fileOf(db) : undefined
  if (file !== undefined)
    throw new Error(
      `d1("${name}"): the database is the file ${file}, and a test rewrites its content many times. Give one in ` +
        "memory: d1(new DatabaseSync(':memory:')). Nothing was changed.",
    )
  const content = sqlite(db, { name, ...(seed === undefined ? {} : { seed }) })
  const store: Store = {
    ...{ kind: 'store', name, faults: replica ? ['readonly', 'stale'] : ['readonly'] },
    attach: () => inWordsOfD1(() => content.attach()),
    detach: () => inWordsOfD1(() => content.detach()),
    reset: () => inWordsOfD1(() => content.reset()),
    content: () => content.content?.() ?? {},
    remember: () => content.remember?.(),
    crash: () => undefined, // a call is carried out in one piece
    settle: () => undefined,
    isOpen: () => false,
  }
  const early: NonNullable<Store['early']> = (old, read) => content.early?.(old, read) ?? read()
  const calls = new D1Calls(name, new D1Engine(connectionTo(db)), new D1Replica(store, early))
  return {
    ...asking(calls),
    store,
    exec: (sql) => calls.exec(sql),
    withSession(start = '') {
      const session = new D1Session(start.trim() === '' ? 'first-unconstrained' : start.trim())
      return { ...asking(calls.within(session)), getBookmark: () => session.bookmark }
    },
    dump: () => Promise.reject(new Error(`d1("${name}"): dump() is deprecated, and not simulated. Read the tables.`)),
  }
}

/** @throws what SQLite's store throws, as of this one */
function inWordsOfD1<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replace(/^sqlite\(/, 'd1(')
    throw error
  }
}

/** What a database and a session have in common. */
function asking(calls: D1Calls): Pick<D1, 'prepare' | 'batch'> {
  return {
    prepare: (sql) => preparedFor(calls, sql),
    // The cast holds: what rows look like is for whoever wrote the statement to say
    batch: async <T>(statements: readonly D1Prepared[]) =>
      (await calls.batch(statements.map(queryOf))) as D1Result<T>[],
  }
}
