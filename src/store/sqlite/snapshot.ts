// A database's content as plain values: schema and rows, exactly. Reads only. Knows nothing of simulations.
import type { SQLInputValue } from 'node:sqlite'
import { quoted, type Connection } from './connection.ts'

/** Where a connection's own objects live; temporary ones die with it. */
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

/** A table's rows, in the columns that can be written. */
export interface TableContent {
  readonly schema: SchemaName
  readonly name: string
  /** As SQL; with the rowid first, where there is one. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly SQLInputValue[])[]
}

/** All that a reset puts back. */
export interface DatabaseContent {
  readonly entries: readonly SchemaObject[]
  readonly tables: readonly TableContent[]
  readonly userVersion: number
  readonly foreignKeys: boolean
}

/** Reads all content. @throws where a table is virtual, since its rows live in tables that only its module may write */
export function takeSnapshot(connection: Connection, storeName: string): DatabaseContent {
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

/** Whether foreign keys are enforced; Node enforces them unless told otherwise. */
export function hasForeignKeys(connection: Connection): boolean {
  return Number(connection.rows('PRAGMA foreign_keys')[0]?.['foreign_keys']) === 1
}

/** The user's objects in order of creation. SQLite's own (sqlite_sequence, automatic indexes) come and go with them. */
export function schemaObjectsOf(connection: Connection): readonly SchemaObject[] {
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

/** What AUTOINCREMENT has counted. Comes last, since filling the tables counts as well. */
function sequences(connection: Connection): readonly TableContent[] {
  const counting = schemaNames.filter(
    (schema) => connection.rows(`SELECT 1 FROM ${schemaTable(schema)} WHERE name = 'sqlite_sequence'`).length > 0,
  )
  return counting.map((schema) => tableContentOf(connection, schema, 'sqlite_sequence'))
}

function tableContentOf(connection: Connection, schema: SchemaName, name: string): TableContent {
  const info = connection.rows(`PRAGMA ${schema}.table_xinfo(${quoted(name)})`)
  const names = info.map((column) => String(column['name']))
  const written = names.filter((_, index) => info[index]?.['hidden'] === 0n) // others are generated
  const rowid = rowidOf(connection, schema, name, names)
  const columns = [...rowid, ...written.map(quoted)]
  const aliases = columns.map((column, index) => `${column} AS c${index}`)
  const rows = connection.rows(`SELECT ${aliases.join(', ')} FROM ${schema}.${quoted(name)}`)
  // What SQLite gave it takes
  return { schema, name, columns, rows: rows.map((row) => Object.values(row) as SQLInputValue[]) }
}

/** The rowid under a name that no column has taken. A table WITHOUT ROWID has none. */
function rowidOf(
  connection: Connection,
  schema: SchemaName,
  table: string,
  columns: readonly string[],
): readonly string[] {
  const taken = new Set(columns.map((column) => column.toLowerCase()))
  const free = ['rowid', '_rowid_', 'oid'].find((alias) => !taken.has(alias))
  const listed = connection.rows(`PRAGMA ${schema}.table_list(${quoted(table)})`)
  return free === undefined || listed.some((row) => row['schema'] === schema && row['wr'] === 1n) ? [] : [free]
}

function noVirtual(storeName: string, entry: SchemaObject): Error {
  return new Error(
    `sqlite("${storeName}"): the virtual table "${entry.name}" cannot be put back before every history ` +
      `(found: ${entry.sql.slice(0, 80)}). Create it in the node's boot instead: a table that a history creates ` +
      'is dropped after it.',
  )
}
