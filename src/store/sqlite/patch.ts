// Patches the prototypes of a driver of SQLite, once per worker, and knows which databases are watched. It patches
// prototypes and not instances because statements that were prepared before the test must be observed too. Calls from
// outside a simulation go straight to the native methods.
import { bug } from '../../plain/bug.ts'
import { storeCaller, storeMisused } from '../../simulate/store-call.ts'
import { isOwnStatement } from './connection.ts'
import { isBetterSqlite, statementFacts, type SqliteDatabase } from './driver.ts'
import { splitStatements } from '../sql.ts'
import type { WatchedDatabase } from './watched-database.ts'

type NativeMethod = (this: object, ...args: unknown[]) => unknown
const calls = ['run', 'get', 'all', 'iterate'] as const
type Calls = Record<(typeof calls)[number], NativeMethod>

const watchedDatabases = new Map<object, WatchedDatabase>()
const origins = new WeakMap<object, { readonly db: object; readonly sql: string }>()
const patchedPrototypes = new WeakSet()

/** Starts watching a database. @throws where it is watched already */
export function watch(watched: WatchedDatabase): void {
  const { db } = watched.connection
  const other = watchedDatabases.get(db)
  if (other !== undefined) {
    throw new Error(
      `sqlite("${watched.store.name}"): this database is already registered as "${other.store.name}". ` +
        'List it once in `stores`; if a test before this one was cut short, detach its store.',
    )
  }
  watchedDatabases.set(db, watched)
}

/** Stops watching. */
export function unwatch(watched: WatchedDatabase): void {
  if (watchedDatabases.get(watched.connection.db) === watched) watchedDatabases.delete(watched.connection.db)
}

/** Undoes what ghosts wrote, in every watched database. */
export function settleAll(): void {
  for (const watched of watchedDatabases.values()) watched.settle()
}

/** Rolls back every open transaction: connections to the same file would block each other. */
export function rollbackAll(): void {
  for (const watched of watchedDatabases.values()) watched.rollback()
}

/** Patches the driver that a database and its statements come from. */
export function patchDriver(db: SqliteDatabase): void {
  patchOnce(ownerOf(db, 'prepare'), patchDatabase)
  patchOnce(ownerOf(db.prepare('SELECT 1'), 'run'), patchStatement)
}

/** The prototype that has a method as its own. */
function ownerOf(instance: object, method: string): object {
  let found: unknown = Object.getPrototypeOf(instance)
  while (typeof found === 'object' && found !== null && !Object.hasOwn(found, method))
    found = Object.getPrototypeOf(found)
  if (typeof found !== 'object' || found === null) bug(`no prototype of the SQLite driver has ${method}().`)
  return found
}

function patchOnce(prototype: object, patch: (prototype: object) => void): void {
  if (patchedPrototypes.has(prototype)) return
  patchedPrototypes.add(prototype)
  patch(prototype)
}

function replaceMethod(prototype: object, name: string | symbol, make: (native: NativeMethod) => NativeMethod): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  if (descriptor === undefined) return // this Node does not have it yet
  // The cast holds: all names given here are methods
  Object.defineProperty(prototype, name, { ...descriptor, value: make(descriptor.value as NativeMethod) })
}

function patchDatabase(prototype: object): void {
  replaceMethod(
    prototype,
    'prepare',
    (native) =>
      function prepare(...args) {
        const statement = Reflect.apply(native, this, args) as object // what the native prepare returns
        origins.set(statement, { db: this, sql: String(args[0]) })
        return statement
      },
  )
  replaceMethod(
    prototype,
    'createTagStore',
    (native) =>
      function createTagStore(...args) {
        // The native returns an object with a prototype of its own each time
        const tags = Reflect.apply(native, this, args) as object
        patchOnce(ownerOf(tags, 'run'), patchTags)
        return tags
      },
  )
  replaceMethod(
    prototype,
    'exec',
    (native) =>
      function exec(...args) {
        const watched = storeCaller() === 'outside' ? undefined : watchedDatabases.get(this)
        if (watched === undefined || typeof args[0] !== 'string') return Reflect.apply(native, this, args)
        execEach(watched, args[0], (sql) => Reflect.apply(native, this, [sql]))
        return isBetterSqlite(this) ? this : undefined
      },
  )
  replaceMethod(
    prototype,
    'deserialize',
    (native) =>
      function deserialize(...args) {
        const watched = storeCaller() === 'outside' ? undefined : watchedDatabases.get(this)
        if (watched === undefined) return Reflect.apply(native, this, args)
        if (storeCaller() === 'ghost') return undefined
        throw storeMisused(
          `sqlite("${watched.store.name}"): deserialize() inside a simulation replaces the database itself, ` +
            'which cannot ' +
            'be undone. Load it in `seed` or before the test.',
        )
      },
  )
  // A ghost must not close the connection: the next incarnation of the node uses it too.
  for (const name of ['close', Symbol.dispose]) {
    replaceMethod(
      prototype,
      name,
      (native) =>
        function close(...args) {
          return storeCaller() === 'ghost' && watchedDatabases.has(this) ? undefined : Reflect.apply(native, this, args)
        },
    )
  }
}

function execEach(watched: WatchedDatabase, text: string, native: (sql: string) => unknown): void {
  for (const sql of splitStatements(text))
    watched.call({ sql, values: [], native: () => native(sql), nothing: () => undefined }, settleAll)
}

function patchStatement(prototype: object): void {
  const natives = nativesOf(prototype)
  for (const name of calls) {
    replaceMethod(
      prototype,
      name,
      (native) =>
        function call(...args) {
          if (isOwnStatement(this) || storeCaller() === 'outside') return Reflect.apply(native, this, args)
          const origin = statementOriginOf(this)
          if (origin === 'unknown') return emptyResults[name]()
          if (origin === undefined) return Reflect.apply(native, this, args)
          return origin.watched.call(
            {
              sql: origin.sql,
              values: boundValues(args),
              native: () =>
                name === 'iterate'
                  ? oneByOne(Reflect.apply(natives.all, this, args))
                  : Reflect.apply(native, this, args),
              nothing: () => emptyResults[name](),
            },
            settleAll,
          )
        },
    )
  }
}

/** The present methods. Another version of this package may have patched them before. */
function nativesOf(prototype: object): Calls {
  return { ...prototype } as Calls // run, get, all and iterate are enumerable methods of it
}

/** Yields rows one by one that were all read at once: a simulation cannot stop in the middle of a statement. */
function* oneByOne(rows: unknown): Generator {
  yield* rows as unknown[] // `all` returns an array
}

const emptyResults: Readonly<Record<(typeof calls)[number], () => unknown>> = {
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  get: () => undefined,
  all: () => [],
  iterate: () => oneByOne([]),
}

/** The values of the parameters, also of named ones, which are passed as an object. */
function boundValues(args: readonly unknown[]): readonly unknown[] {
  const [first, ...rest] = args
  const isNamed =
    typeof first === 'object' && first !== null && !ArrayBuffer.isView(first) && !(first instanceof ArrayBuffer)
  return isNamed ? [...Object.values<unknown>(first as Record<string, unknown>), ...rest] : args
}

interface StatementOrigin {
  readonly watched: WatchedDatabase
  readonly sql: string
}

/** The watched database that a statement belongs to. Undefined where it belongs to none. */
function statementOriginOf(statement: object): StatementOrigin | 'unknown' | undefined {
  const origin = origins.get(statement) ?? statementFacts(statement)
  if (origin.db === undefined) return guessOf(origin.sql)
  const watched = watchedDatabases.get(origin.db)
  return watched === undefined ? undefined : { watched, sql: origin.sql }
}

/** For a statement that was prepared before the patch: the only watched database, where there is only one. */
function guessOf(sql: string): StatementOrigin | 'unknown' | undefined {
  const [only, ...others] = watchedDatabases.values()
  if (only === undefined) return undefined
  if (others.length === 0) return { watched: only, sql }
  if (storeCaller() === 'ghost') return 'unknown' // a ghost's call must do nothing, and nothing is thrown at a ghost
  throw storeMisused(
    `sqlite: it is unclear which database this statement belongs to: "${sql}". It was prepared ` +
      `before the test began, and ${others.length + 1} databases are registered ` +
      `(${[only, ...others].map((watched) => `"${watched.store.name}"`).join(', ')}). Prepare it in the node's boot.`,
  )
}

/** Tagged templates hold statements that no patch reaches. Inside a simulation they are prepared again. */
function patchTags(prototype: object): void {
  for (const name of calls) {
    replaceMethod(
      prototype,
      name,
      (native) =>
        function tag(...args) {
          const db = 'db' in this && typeof this.db === 'object' && this.db !== null ? this.db : undefined
          if (db === undefined || storeCaller() === 'outside' || !watchedDatabases.has(db))
            return Reflect.apply(native, this, args)
          const [strings, ...values] = args as [readonly string[], ...unknown[]] // called as a template tag
          const statement = (db as SqliteDatabase).prepare(strings.join('?')) // only databases are watched
          return Reflect.apply((statement as unknown as Calls)[name], statement, values) // a statement has these four
        },
    )
  }
}
