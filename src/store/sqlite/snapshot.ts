// The exact content of a database as plain values: schema and rows. Only reads. Knows nothing of simulations.
import type { SQLInputValue } from 'node:sqlite'
import { quotedName, type SqliteConnection } from './connection.ts'

/** Where the objects of a connection are. Temporary ones disappear with the connection. */
export type SchemaName = 'main' | 'temp'
export const schemaNames: readonly SchemaName[] = ['main', 'temp']

/** A table, index, view or trigger. */
export interface SchemaObject {
  readonly schema: SchemaName
  readonly type: string
  readonly name: string
  readonly table: string
  readonly sql: string
}

/** A table's rows: the values of its writable columns. */
export interface TableContent {
  readonly schema: SchemaName
  readonly name: string
  /** Quoted for SQL, the rowid first where there is one. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly SQLInputValue[])[]
}

/** Everything that a reset restores. */
export interface DatabaseContent {
  readonly entries: readonly SchemaObject[]
  readonly tables: readonly TableContent[]
  readonly userVersion: number
  readonly foreignKeys: boolean
}

/**
 * Reads all content.
 *
 * @throws where a table is virtual, since only its module may write the tables that hold its rows
 */
export function takeSnapshot(connection: SqliteConnection, storeName: string): DatabaseContent {
  const entries = schemaObjectsOf(connection)
  const virtual = entries.find(isVirtual)
  if (virtual !== undefined) throw noVirtual(storeName, virtual)
  const tables = entries.filter((entry) => entry.type === 'table')
  return {
    entries,
    tables: [...tables.map((table) => tableContentOf(connection, table.schema, table.name)), ...sequences(connection)],
    userVersion: Number(connection.rows('PRAGMA user_version')[0]?.['user_version']),
    foreignKeys: hasForeignKeys(connection),
  }
}

/** Whether foreign keys are enforced, as Node does by default. */
export function hasForeignKeys(connection: SqliteConnection): boolean {
  return Number(connection.rows('PRAGMA foreign_keys')[0]?.['foreign_keys']) === 1
}

/** The user's objects in order of creation. SQLite creates and drops its own (such as automatic indexes) with them. */
export function schemaObjectsOf(connection: SqliteConnection): readonly SchemaObject[] {
  return schemaNames.flatMap((schema) =>
    connection
      .rows(
        `SELECT type, name, tbl_name, sql FROM ${schemaTable(schema)} WHERE sql IS NOT NULL AND name NOT LIKE ` +
          `'sqlite\\_%' ESCAPE '\\' ORDER BY rowid`,
      )
      .map((row) => ({
        schema,
        type: String(row['type']),
        name: String(row['name']),
        table: String(row['tbl_name']),
        sql: String(row['sql']),
      })),
  )
}

function isVirtual(entry: SchemaObject): boolean {
  return /^CREATE VIRTUAL/i.test(entry.sql)
}

function schemaTable(schema: SchemaName): string {
  return schema === 'main' ? 'main.sqlite_master' : 'sqlite_temp_master'
}

/** The AUTOINCREMENT counters. They are restored last, since filling the tables changes them. */
function sequences(connection: SqliteConnection): readonly TableContent[] {
  const counting = schemaNames.filter(
    (schema) => connection.rows(`SELECT 1 FROM ${schemaTable(schema)} WHERE name = 'sqlite_sequence'`).length > 0,
  )
  return counting.map((schema) => tableContentOf(connection, schema, 'sqlite_sequence'))
}

function tableContentOf(connection: SqliteConnection, schema: SchemaName, name: string): TableContent {
  const info = connection.rows(`PRAGMA ${schema}.table_xinfo(${quotedName(name)})`)
  const names = info.map((column) => String(column['name']))
  const written = names.filter((_, index) => info[index]?.['hidden'] === 0n) // hidden columns are generated
  const rowid = rowidOf(connection, schema, name, names)
  const columns = [...rowid, ...written.map(quotedName)]
  const aliases = columns.map((column, index) => `${column} AS c${index}`)
  const rows = connection.rows(`SELECT ${aliases.join(', ')} FROM ${schema}.${quotedName(name)}`)
  // The cast holds: SQLite accepts every value that it returns
  return { schema, name, columns, rows: rows.map((row) => Object.values(row) as SQLInputValue[]) }
}

/** The rowid, by a name that no column has. Empty for a table WITHOUT ROWID. */
function rowidOf(
  connection: SqliteConnection,
  schema: SchemaName,
  table: string,
  columns: readonly string[],
): readonly string[] {
  const taken = new Set(columns.map((column) => column.toLowerCase()))
  const free = ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias))
  const listed = connection.rows(`PRAGMA ${schema}.table_list(${quotedName(table)})`)
  return free === undefined || listed.some((row) => row['schema'] === schema && row['wr'] === 1n) ? [] : [free]
}

function noVirtual(storeName: string, entry: SchemaObject): Error {
  return new Error(
    `sqlite("${storeName}"): the virtual table "${entry.name}" cannot be put back before every history ` +
      `(found: ${entry.sql.slice(0, 80)}). Create it in the node's boot instead: a table that a history creates ` +
      'is dropped after it.',
  )
}

/** The rows as objects, by table; without hidden rowids and counters. */
export function rowsByTable({ tables }: DatabaseContent): Record<string, readonly unknown[]> {
  const own = tables.filter(({ name }) => name !== 'sqlite_sequence')
  return Object.fromEntries(own.map(({ name, columns, rows }) => [name, rows.map((row) => rowOf(columns, row))]))
}

/** The rowid is not quoted. */
function rowOf(columns: readonly string[], row: readonly unknown[]): Record<string, unknown> {
  const named = columns.map((column, n) => [column.slice(1, -1).replaceAll('""', '"'), row[n]] as const)
  return Object.fromEntries(named.filter((_, n) => columns[n]?.startsWith('"')))
}
