// The store adapter for node:sqlite and better-sqlite3. Patches the driver in place, and the code under test keeps its
// own `db`. Neither is ever imported: their classes are reached through the database that is passed.
import { describeError } from '../../plain/describe-error.ts'
import { outsideContext } from '../../simulate/context.ts'
import { assertOptions, assertType } from '../../plain/options.ts'
import type { EngineFault } from '../../scenario/site.ts'
import type { Store } from '../../system/store.ts'
import { connectionTo, type SqliteConnection } from './connection.ts'
import { fileOf, isOpenDatabase, isSqliteDatabase, type SqliteDatabase } from './driver.ts'
import { patchDriver, rollbackAll, unwatch, watch } from './patch.ts'
import { readEarly, restoreContent, restorer, type Restorer } from './restore.ts'
import { rowsByTable, takeSnapshot, type DatabaseContent } from './snapshot.ts'
import { WatchedDatabase } from './watched-database.ts'

/** Options of {@link sqlite}. */
export interface SqliteOptions<D extends SqliteDatabase = SqliteDatabase> {
  /** Its name in stories and addresses. @default 'sqlite' */
  readonly name?: string
  /** Allows a database in a file: its content is replaced for each history, and restored at the end. @default false */
  readonly wipe?: boolean
  /** Reads outside a transaction may be answered by a replica that lags, as where it is distributed. @default false */
  readonly replica?: boolean
  /** Writes, once, the content that every history starts from. @default the content that is found */
  readonly seed?: (db: D) => void
}

/**
 * A database of `node:sqlite` or better-sqlite3 as a durable store: it survives crashes, except for what was not
 * committed. Query builders on top of it, such as Drizzle and Kysely, need nothing else.
 *
 * Directly after each statement the node may crash. What a crashed node writes in the rest of its synchronous code is
 * undone, and a transaction that it had open is rolled back. Statements may have been prepared earlier. A
 * `createTagStore()` must be called in `boot`, since calls on an earlier one are not observed. Every history starts
 * from the content found, or from `seed`. Tables that a history creates are dropped after it. Inside a simulation
 * `iterate` reads all rows at once.
 *
 * A connection belongs to one process: give each node, and each instance of one, a connection of its own. On a shared
 * connection the calls of others join an open transaction, as they would in reality, and only a crash of the node that
 * opened it rolls it back.
 *
 * @param db an open database: in memory, or in a file that `wipe` allows to be rewritten
 * @throws where `db` is no database of these drivers, is in a file without `wipe`, has a transaction open, has another
 *   database attached, or has a virtual table
 * @example
 * stores: [sqlite(db, { seed: (db) => db.exec("insert into stock values ('apple', 3)") })]
 * @see https://sqlite.org/lang_savepoint.html
 */
export function sqlite<D extends SqliteDatabase>(db: D, options: SqliteOptions<D> = {}): Store {
  assertOptions('sqlite()', options, { name: true, wipe: true, replica: true, seed: true } satisfies Record<
    keyof SqliteOptions,
    true
  >)
  assertType('sqlite(): name', options.name, 'string', 'a text')
  assertType('sqlite(): wipe', options.wipe, 'boolean', 'true or false')
  assertType('sqlite(): replica', options.replica, 'boolean', 'true or false')
  assertType('sqlite(): seed', options.seed, 'function', 'a function: (db) => db.exec(...)')
  const name = options.name ?? 'sqlite'
  requireDriver(db, name)
  const connection = connectionTo(db)
  let attached: AttachedDatabase | undefined
  let faults: readonly EngineFault[] = []
  const store: Store = {
    kind: 'store',
    name,
    get faults() {
      return faults
    },
    attach() {
      if (attached !== undefined)
        throw new Error(
          `sqlite("${name}"): it is in use by another simulation at this moment. Tests that share a store ` +
            'cannot run at once: not in describe.concurrent, or give each its own.',
        )
      attached = attachDatabase(store, connection, options as SqliteOptions) // `seed` is given `db`, a D
      faults = faultsOf(connection, options.replica)
    },
    detach() {
      if (attached === undefined) return
      const { watched, original } = attached
      attached = undefined
      detachDatabase(watched, original)
    },
    reset() {
      if (attached === undefined) return
      resetDatabase(name, attached.restorer, connection)
      faults = faultsOf(connection, options.replica)
    },
    crash: (incarnation, running) => attached?.watched.crash(incarnation, running),
    settle: () => attached?.watched.settle(),
    isOpen: () => connection.inTransaction(),
    remember: () => contentOf(connection, name),
    content: () => rowsByTable(takeSnapshot(connection, name)),
    // The cast holds: `remember` made this value
    early: (remembered, read) => readEarly(connection, remembered as DatabaseContent, read),
    // The same holds
    restore: (remembered) => restoreContent(connection, remembered as DatabaseContent),
    place: () => fileOf(db) ?? db,
  }
  return store
}

/** What its engine does as it is set: the write-ahead log is on the disk later than its commits where it may be. */
function faultsOf(connection: SqliteConnection, replica = false): readonly EngineFault[] {
  const settings = 'SELECT journal_mode, synchronous FROM pragma_journal_mode, pragma_synchronous'
  const isUnsynced = fileOf(connection.db) !== undefined && /^wal,[01]$/.test(connection.values(settings).join())
  return ['readonly', ...(replica ? ['stale' as const] : []), ...(isUnsynced ? ['unsynced' as const] : [])]
}

/** The content; undefined if it cannot be restored, as with a virtual table. */
function contentOf(connection: SqliteConnection, name: string): DatabaseContent | undefined {
  try {
    return takeSnapshot(connection, name)
  } catch {
    return undefined
  }
}

interface AttachedDatabase {
  readonly watched: WatchedDatabase
  /** The content before `seed`. */
  readonly original: DatabaseContent
  readonly restorer: Restorer
}

function requireDriver(given: unknown, name: string): void {
  if (isSqliteDatabase(given)) return
  const found = typeof given === 'object' && given !== null ? `a ${given.constructor.name}` : typeof given
  throw new Error(
    `sqlite("${name}") takes a database of node:sqlite or better-sqlite3; found ${found}. Pass the database itself, ` +
      'not the ORM or query builder around it. Other drivers are not understood.',
  )
}

function attachDatabase(store: Store, connection: SqliteConnection, options: SqliteOptions): AttachedDatabase {
  refuseUnsafe(store.name, connection, options.wipe === true)
  patchDriver(connection.db)
  const watched = new WatchedDatabase(store, connection)
  watch(watched)
  try {
    const original = takeSnapshot(connection, store.name)
    return { watched, original, restorer: restorer(connection, seeded(store.name, connection, original, options)) }
  } catch (error) {
    unwatch(watched)
    throw error
  }
}

/** Refuses a database that could lose data, before anything is changed. */
function refuseUnsafe(name: string, connection: SqliteConnection, wipe: boolean): void {
  if (!isOpenDatabase(connection.db))
    throw new Error(`sqlite("${name}"): the database is not open. Open it before the test starts.`)
  const databases = connection.rows('PRAGMA database_list')
  const file = databases.map((row) => String(row['file'])).find((path) => path !== '')
  if (file !== undefined && !wipe) {
    throw new Error(
      `sqlite("${name}"): the database is the file ${file}, and a test rewrites its content many times. ` +
        "Open ':memory:' in tests, or allow it with sqlite(db, { wipe: true }). Nothing was changed.",
    )
  }
  const attached = databases.map((row) => String(row['name'])).find((schema) => schema !== 'main' && schema !== 'temp')
  if (attached !== undefined) {
    throw new Error(
      `sqlite("${name}"): it has "${attached}" attached, which is neither reset nor undone. ` +
        'Open that database on its own, and register it as a store of its own.',
    )
  }
  if (connection.inTransaction())
    throw new Error(`sqlite("${name}"): a transaction is open before the test starts. Commit it first.`)
}

/** What a seed gives: it is declared void, which takes any function. */
function called(name: string, seed: () => unknown): unknown {
  try {
    return outsideContext(seed)
  } catch (error) {
    throw new Error(
      `sqlite("${name}"): seed threw ${describeError(error)}. What it wrote is undone. Create what it names ` +
        'before it, by your migrations.',
      { cause: error },
    )
  }
}

/** The content that every history starts from. What a failing seed wrote is undone. */
function seeded(
  name: string,
  connection: SqliteConnection,
  original: DatabaseContent,
  { seed }: SqliteOptions,
): DatabaseContent {
  if (seed === undefined) return original
  try {
    const result = called(name, () => seed(connection.db))
    if (result instanceof Promise)
      throw new Error(
        `sqlite("${name}"): seed is asynchronous. Write it with synchronous calls, as its driver has them.`,
      )
    if (connection.inTransaction())
      throw new Error(`sqlite("${name}"): seed left a transaction open. Commit it in seed.`)
    return takeSnapshot(connection, name)
  } catch (error) {
    if (connection.inTransaction()) connection.exec('ROLLBACK')
    restoreContent(connection, original)
    throw error
  }
}

function resetDatabase(name: string, { restore }: Restorer, connection: SqliteConnection): void {
  if (!isOpenDatabase(connection.db)) {
    throw new Error(
      `sqlite("${name}"): the database was closed during a history. A registered store outlives its nodes: ` +
        'leave it open, or close it after the test.',
    )
  }
  rollbackAll()
  try {
    restore()
  } catch (error) {
    throw new Error(
      `sqlite("${name}"): the first content could not be put back: ` +
        `${error instanceof Error ? error.message : String(error)}. ` +
        'Is another connection writing to it, or a row iterator still open?',
      { cause: error },
    )
  }
}

function detachDatabase(watched: WatchedDatabase, original: DatabaseContent): void {
  const { connection } = watched
  try {
    if (!isOpenDatabase(connection.db)) return // closed by the test: nothing is left to put back
    watched.rollback()
    restoreContent(connection, original)
  } finally {
    unwatch(watched)
  }
}
