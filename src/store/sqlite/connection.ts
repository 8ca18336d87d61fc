// One SQLite connection for the adapter's own calls. They are made outside the simulation, so that they never count as
// calls of the code under test. Imports only types of node:sqlite, so that importing this package needs no SQLite.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { outsideContext } from '../../simulate/context.ts'

/** A connection, for the adapter's own use. */
export interface SqliteConnection {
  readonly db: DatabaseSync
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
export function connectionTo(db: DatabaseSync): SqliteConnection {
  const kept = new Map<string, StatementSync>()
  const keep = (sql: string): StatementSync => {
    const statement = kept.get(sql) ?? prepareExact(db, sql)
    kept.set(sql, statement)
    return statement
  }
  let counter: StatementSync | undefined
  const exec = (sql: string): void => outsideContext(() => db.exec(sql))
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
    inTransaction: () => ('isTransaction' in db ? db.isTransaction : probe(exec)),
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
function countingChanges(db: DatabaseSync): StatementSync {
  const statement = outsideContext(() => prepareExact(db, 'SELECT total_changes()'))
  if ('setReturnArrays' in statement) statement.setReturnArrays(true) // since Node 24
  ownStatements.add(statement)
  return statement
}

function prepareExact(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
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
