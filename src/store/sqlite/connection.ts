// One SQLite connection for the adapter's own calls. They are made outside the simulation, so that they never count as
// calls of the code under test.
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { outsideContext } from '../../simulate/context.ts'
import { isInTransaction, prepareExact, type SqliteDatabase, type SqliteStatement } from './driver.ts'

/** A connection, for the adapter's own use. */
export interface SqliteConnection {
  readonly db: SqliteDatabase
  exec(sql: string): void
  /** Rows, with integers as bigint, so that none is rounded. */
  rows(sql: string): readonly Record<string, unknown>[]
  /** Runs a statement, which stays prepared. */
  run(sql: string, values: readonly SQLInputValue[]): void
  /** The values of a statement's first row. The statement stays prepared. */
  values(sql: string): readonly unknown[]
  inTransaction(): boolean
  /** How many rows this connection has inserted, updated or deleted so far, in triggers too. */
  changedRows(): unknown
}

/** The connection of a database. */
export function connectionTo(db: SqliteDatabase): SqliteConnection {
  const kept = new Map<string, SqliteStatement>()
  const keep = (sql: string): SqliteStatement => {
    const statement = kept.get(sql) ?? prepareExact(db, sql)
    kept.set(sql, statement)
    return statement
  }
  let counter: SqliteStatement | undefined
  const exec = (sql: string): void => void outsideContext(() => db.exec(sql))
  return {
    db,
    exec,
    rows: (sql) => outsideContext(() => prepareExact(db, sql).all()),
    run: (sql, values) => void outsideContext(() => keep(sql).run(...values)),
    values: (sql) => outsideContext(() => Object.values(keep(sql).get() ?? {})),
    changedRows: () => {
      counter ??= countingChanges(db)
      return Object.values(counter.get() ?? {})[0]
    },
    inTransaction: () => isInTransaction(db) ?? probe(exec),
  }
}

/**
 * Statements of the adapter that are no calls of the code under test, wherever they are carried out. Leaving the
 * context takes as long as a short statement, and some of them surround each call.
 */
const ownStatements = new WeakSet<object>()

/** Whether a statement is one of the adapter's own. */
export function isOwnStatement(statement: object): boolean {
  return ownStatements.has(statement)
}

/** Two of them surround each statement that may change rows: where Node can, they give no objects. */
function countingChanges(db: SqliteDatabase): SqliteStatement {
  const statement = outsideContext(() => prepareExact(db, 'SELECT total_changes()'))
  // Since Node 24, and not in better-sqlite3
  if ('setReturnArrays' in statement) (statement as StatementSync).setReturnArrays(true)
  ownStatements.add(statement)
  return statement
}

/** Whether a transaction is open, for Node before 22.16: SQLite refuses BEGIN exactly when one is. */
export function probe(exec: (sql: string) => void): boolean {
  try {
    exec('BEGIN')
  } catch {
    return true
  }
  exec('ROLLBACK')
  return false
}

/** A name as a quoted SQL identifier. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
