// One SQLite connection as the adapter itself uses it: its calls are made outside the simulation, so that they are
// never taken for calls of the code under test. Knows node:sqlite as types only, so that importing us needs no SQLite.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { outsideContext } from '../../simulate/context.ts'

/** A connection, for the adapter's own use. */
export interface Connection {
  readonly db: DatabaseSync
  exec(sql: string): void
  /** Rows with whole numbers as bigint, so that none is rounded. */
  rows(sql: string): readonly Record<string, unknown>[]
  /** Runs a statement that is kept prepared. */
  run(sql: string, values: readonly SQLInputValue[]): void
  /** The first row's values of a statement that is kept prepared. */
  values(sql: string): readonly unknown[]
  inTransaction(): boolean
}

/** The connection of a database. */
export function connect(db: DatabaseSync): Connection {
  const kept = new Map<string, StatementSync>()
  const keep = (sql: string): StatementSync => {
    const statement = kept.get(sql) ?? prepareExact(db, sql)
    kept.set(sql, statement)
    return statement
  }
  const exec = (sql: string): void => outsideContext(() => db.exec(sql))
  return {
    db,
    exec,
    rows: (sql) => outsideContext(() => prepareExact(db, sql).all()),
    run: (sql, values) => void outsideContext(() => keep(sql).run(...values)),
    values: (sql) => outsideContext(() => Object.values(keep(sql).get() ?? {})),
    inTransaction: () => ('isTransaction' in db ? db.isTransaction : probe(exec)),
  }
}

function prepareExact(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}

/** Node before 22.16 does not tell; SQLite refuses a BEGIN exactly within a transaction. */
export function probe(exec: (sql: string) => void): boolean {
  try {
    exec('BEGIN')
  } catch {
    return true
  }
  exec('ROLLBACK')
  return false
}

/** A name as SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
