// What D1 does with statements, on a connection to SQLite. Every call is synchronous and outside of any simulation.
import { outsideContext } from '../../simulate/context.ts'
import { classify, splitStatements } from '../sql.ts'
import type { SqliteConnection } from '../sqlite/connection.ts'
import { isBetterSqlite, prepareExact, type SqliteDatabase, type SqliteStatement } from '../sqlite/driver.ts'
import { d1Error, engineError } from './d1-error.ts'

/** What D1 stores. */
export type D1Value = null | number | string | Uint8Array

/** A statement with its values. */
export interface D1Query {
  readonly sql: string
  readonly values: readonly D1Value[]
}

/** Cloudflare's `D1Result`. */
export interface D1Result<T = Record<string, unknown>> {
  readonly success: true
  readonly results: T[]
  readonly meta: {
    readonly served_by: string
    readonly duration: number
    /** How many rows were changed. */
    readonly changes: number
    /** The rowid that an INSERT gave last; 0 where the statement is none. */
    readonly last_row_id: number
    readonly changed_db: boolean
    readonly size_after: number
    readonly rows_read: number
    readonly rows_written: number
  } & Record<string, unknown>
}

/** The rows of a statement as lists too, as `raw()` gives them. */
export interface D1Rows {
  readonly result: D1Result
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** One database. */
export class D1Engine {
  readonly #connection: SqliteConnection

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  /** @throws as D1 does */
  query(query: D1Query): D1Rows {
    return outsideContext(() => this.#carriedOut(query))
  }

  /** All of them or none. @throws as D1 does */
  batch(queries: readonly D1Query[]): readonly D1Rows[] {
    if (this.#connection.inTransaction()) return queries.map((query) => this.query(query)) // a replica reads
    this.#connection.exec('BEGIN IMMEDIATE')
    try {
      const all = queries.map((query) => this.query(query))
      this.#connection.exec('COMMIT')
      return all
    } catch (error) {
      if (this.#connection.inTransaction()) this.#connection.exec('ROLLBACK')
      throw error
    }
  }

  #carriedOut({ sql, values }: D1Query): D1Rows {
    const { operation, write, control } = classify(sql)
    refuse(sql, control !== 'none' && control !== 'connection')
    const before = this.#connection.changedRows()
    try {
      const { columns, rows } = rowsOf(this.#connection.db, sql, values)
      const changes = Number(this.#connection.changedRows()) - Number(before)
      const isInsert = /^(?:insert|replace)\b/.test(operation) && changes > 0
      const lastRowId = isInsert ? Number(this.#connection.values('SELECT last_insert_rowid()')[0]) : 0
      return {
        columns,
        rows,
        result: {
          success: true,
          results: rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))),
          meta: {
            ...{ served_by: 'two-generals', duration: 0, changes, last_row_id: lastRowId },
            ...{ changed_db: changes > 0 || (write && !/^(?:insert|replace|update|delete)\b/.test(operation)) },
            ...{ size_after: 0, rows_read: rows.length, rows_written: changes },
          },
        },
      }
    } catch (error) {
      throw engineError(error)
    }
  }
}

function refuse(sql: string, isTransaction: boolean): void {
  if (isTransaction) throw d1Error('D1 takes no BEGIN, COMMIT, ROLLBACK or SAVEPOINT. A batch() is a transaction.')
  const count = splitStatements(sql).length
  if (count !== 1)
    throw d1Error(count === 0 ? 'No SQL statements detected.' : `prepare() takes one statement; found ${count}.`)
}

function rowsOf(db: SqliteDatabase, sql: string, values: readonly D1Value[]): Pick<D1Rows, 'columns' | 'rows'> {
  const statement = prepareExact(db, sql) as SqliteStatement & Listing
  if (isBetterSqlite(db) && statement.reader === false) {
    statement.run(...values)
    return { columns: [], rows: [] }
  }
  const columns = statement.columns?.().map(({ name }) => name)
  if (columns !== undefined && columns.length > 0) {
    if (isBetterSqlite(db)) statement.raw?.(true)
    else statement.setReturnArrays?.(true)
  }
  // A list where the driver can give lists, else an object: then two columns of one name are one
  const found: readonly (readonly unknown[] | Record<string, unknown>)[] = statement.all(...values)
  const rows = found.map((row) => (Array.isArray(row) ? (row as readonly unknown[]) : Object.values(row)).map(given))
  return { columns: columns ?? Object.keys(found[0] ?? {}), rows }
}

/** What the drivers' statements have beside. */
interface Listing {
  /** Of better-sqlite3: whether it gives rows. */
  readonly reader?: boolean
  raw?(on: boolean): unknown
  columns?(): readonly { readonly name: string }[]
  /** Of `node:sqlite`, since Node 24. */
  setReturnArrays?(on: boolean): void
}

/** A value as D1 gives it: no bigint, and bytes as a list of numbers. */
function given(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Uint8Array ? [...value] : value
}
