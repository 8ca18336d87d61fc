// Restores a database from a snapshot by delete and insert, in one transaction, never by `deserialize`: so the
// connection, the user's prepared statements and other connections to the same file stay valid. Knows nothing of
// simulations.
import { quotedName, type SqliteConnection } from './connection.ts'
import {
  schemaObjectsOf,
  hasForeignKeys,
  schemaNames,
  type DatabaseContent,
  type SchemaObject,
  type TableContent,
} from './snapshot.ts'

/** Restores one database to one content. */
export interface Restorer {
  /**
   * Restores the content, unless nothing has changed since the last time.
   *
   * @throws what SQLite throws, with the transaction undone
   */
  readonly restore: () => void
}

/** Remembers the state after the last restore, so that restoring an unchanged database takes microseconds. */
export function restorer(connection: SqliteConnection, content: DatabaseContent): Restorer {
  let unchanged = changeMark(connection)
  let schema = schemaMark(connection)
  return {
    restore() {
      if (changeMark(connection) === unchanged) return
      restoreAll(connection, content, schemaMark(connection) !== schema)
      unchanged = changeMark(connection)
      schema = schemaMark(connection)
    },
  }
}

/** Restores the content in any case. */
export function restoreContent(connection: SqliteConnection, content: DatabaseContent): void {
  restoreAll(connection, content, true)
}

/**
 * Carries out a read on other content of the same schema: writes that content in a transaction, reads, and rolls back.
 * Temporary tables belong to the connection and stay as they are.
 */
export function readEarly<T>(connection: SqliteConnection, content: DatabaseContent, read: () => T): T {
  const guarded = hasForeignKeys(connection)
  if (guarded) connection.exec('PRAGMA foreign_keys = OFF')
  connection.exec('BEGIN')
  try {
    dropTriggers(connection, content)
    for (const table of content.tables) if (table.schema === 'main') refill(connection, table)
    return read()
  } finally {
    connection.exec('ROLLBACK')
    if (guarded) connection.exec('PRAGMA foreign_keys = ON')
  }
}

/** A text that changes when the content may have changed, by this connection, another one, or a setting. */
function changeMark(connection: SqliteConnection): string {
  return [...connection.values(changeMarkQuery), schemaMark(connection)].join()
}

const changeMarkQuery =
  'SELECT total_changes(), user_version, data_version, foreign_keys FROM pragma_user_version, ' +
  'pragma_data_version, pragma_foreign_keys'

function schemaMark(connection: SqliteConnection): string {
  return schemaNames.flatMap((schema) => connection.values(`PRAGMA ${schema}.schema_version`)).join()
}

/**
 * `altered`: the schema may differ from the snapshot's. AUTOINCREMENT counters are rows of sqlite_sequence and are
 * dropped with their tables.
 */
function restoreAll(connection: SqliteConnection, content: DatabaseContent, altered: boolean): void {
  const guarded = altered || content.entries.some((entry) => /\breferences\b/i.test(entry.sql))
  if (guarded) connection.exec('PRAGMA foreign_keys = OFF') // a setting that is ignored inside a transaction
  connection.exec('BEGIN IMMEDIATE')
  try {
    const missing = altered ? dropStrangers(connection, content) : dropTriggers(connection, content)
    create(
      connection,
      missing.filter((entry) => entry.type === 'table'),
    )
    for (const table of content.tables) refill(connection, table)
    create(
      connection,
      missing.filter((entry) => entry.type !== 'table'),
    )
    connection.exec(`PRAGMA user_version = ${content.userVersion}; COMMIT`)
  } catch (error) {
    if (connection.inTransaction()) connection.exec('ROLLBACK')
    throw error
  } finally {
    if (guarded || hasForeignKeys(connection) !== content.foreignKeys) {
      connection.exec(`PRAGMA foreign_keys = ${content.foreignKeys ? 'ON' : 'OFF'}`)
    }
  }
}

/** Triggers must not fire while rows are restored. Node offers no other way to switch them off. */
function dropTriggers(connection: SqliteConnection, content: DatabaseContent): readonly SchemaObject[] {
  const triggers = content.entries.filter((entry) => entry.type === 'trigger')
  for (const trigger of triggers) drop(connection, trigger)
  return triggers
}

const dropOrder = ['trigger', 'view', 'index', 'table']

/** Drops whatever differs from the snapshot, and all triggers. Returns what is then missing. */
function dropStrangers(connection: SqliteConnection, content: DatabaseContent): readonly SchemaObject[] {
  const wanted = new Set(content.entries.filter((entry) => entry.type !== 'trigger').map(schemaObjectId))
  const strangers = schemaObjectsOf(connection).filter((entry) => !wanted.has(schemaObjectId(entry)))
  // In order of creation: a virtual table comes before its shadow tables, which are dropped with it.
  for (const type of dropOrder) for (const entry of strangers) if (entry.type === type) drop(connection, entry)
  const present = new Set(schemaObjectsOf(connection).map(schemaObjectId))
  return content.entries.filter((entry) => !present.has(schemaObjectId(entry)))
}

function schemaObjectId({ schema, type, name, table, sql }: SchemaObject): string {
  return JSON.stringify([schema, type, name, table, sql])
}

function drop(connection: SqliteConnection, { type, schema, name }: SchemaObject): void {
  connection.exec(`DROP ${type} IF EXISTS ${schema}.${quotedName(name)}`)
}

/** SQLite stores the text of a CREATE without its TEMP. */
function create(connection: SqliteConnection, entries: readonly SchemaObject[]): void {
  for (const { schema, type, sql } of entries) {
    connection.exec(schema === 'temp' && type !== 'index' ? sql.replace(/^CREATE /i, 'CREATE TEMP ') : sql)
  }
}

function refill(connection: SqliteConnection, { schema, name, columns, rows }: TableContent): void {
  const table = `${schema}.${quotedName(name)}`
  connection.run(`DELETE FROM ${table}`, [])
  if (rows.length === 0) return
  const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
  for (const row of rows) connection.run(insert, row)
}
