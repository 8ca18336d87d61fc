// The two drivers of SQLite that work without promises, and where they differ. Imports only types, so that importing
// this package needs neither of them.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

/** A database of the package better-sqlite3, as far as it is needed. */
export interface BetterSqlite {
  readonly open: boolean
  readonly inTransaction: boolean
  /** The path of the file; `:memory:` or nothing without one. */
  readonly name: string
  readonly memory: boolean
  prepare(sql: string): object
  exec(sql: string): unknown
}

/** A database of `node:sqlite` or better-sqlite3. */
export type SqliteDatabase = DatabaseSync | BetterSqlite

/** A statement of either driver. */
export interface SqliteStatement {
  run(...values: readonly SQLInputValue[]): unknown
  get(...values: readonly SQLInputValue[]): Record<string, unknown> | undefined
  all(...values: readonly SQLInputValue[]): readonly Record<string, unknown>[]
}

/** Whether something is a database of one of the drivers. */
export function isSqliteDatabase(given: unknown): given is SqliteDatabase {
  if (typeof given !== 'object' || given === null || !('prepare' in given) || !('exec' in given)) return false
  return 'location' in given || 'inTransaction' in given
}

/** Which of the two it is. */
export function isBetterSqlite(db: object): db is BetterSqlite {
  return 'inTransaction' in db
}

/** Node before 22.15 does not say so. */
export function isOpenDatabase(db: SqliteDatabase): boolean {
  return isBetterSqlite(db) ? db.open : !('isOpen' in db) || db.isOpen
}

/** Whether a transaction is open; undefined where the driver does not say so (Node before 22.16). */
export function isInTransaction(db: SqliteDatabase): boolean | undefined {
  if (isBetterSqlite(db)) return db.inTransaction
  return 'isTransaction' in db ? db.isTransaction : undefined
}

/** The file of a database; undefined for one in memory. */
export function fileOf(db: SqliteDatabase): string | undefined {
  if (isBetterSqlite(db)) return db.memory || db.name === '' ? undefined : db.name
  return db.location() ?? undefined
}

/** What a driver throws where SQLite answers SQLITE_FULL. */
export function noSpaceLeft(db: SqliteDatabase): Error {
  const [words, errcode] = ['database or disk is full', 13]
  if (!isBetterSqlite(db)) return Object.assign(new Error(words), { code: 'ERR_SQLITE_ERROR', errcode, errstr: words })
  const { SqliteError } = db.constructor as unknown as { SqliteError: new (words: string, code: string) => Error }
  return new SqliteError(words, 'SQLITE_FULL')
}

/** Prepares a statement that reads whole numbers as bigint, so that none is rounded. */
export function prepareExact(db: SqliteDatabase, sql: string): SqliteStatement {
  const statement: unknown = db.prepare(sql)
  // The casts hold: a statement of one driver has the first method, one of the other has the second
  if (isBetterSqlite(db)) (statement as { safeIntegers(on: boolean): void }).safeIntegers(true)
  else (statement as { setReadBigInts(on: boolean): void }).setReadBigInts(true)
  return statement as SqliteStatement
}

/** What a statement tells of itself. */
export interface StatementFacts {
  readonly sql: string
  /** Known to better-sqlite3 alone. */
  readonly db?: object
}

/** What a statement tells of itself, also one that was prepared before the driver was patched. */
export function statementFacts(statement: object): StatementFacts {
  if ('sourceSQL' in statement) return { sql: String(statement.sourceSQL) }
  const { source, database } = statement as { source: string; database: object } // it is better-sqlite3's
  return { sql: source, db: database }
}
