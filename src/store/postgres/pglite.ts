// What is needed of PGlite, an embedded PostgreSQL of one session. Imports nothing of it: the database that users pass
// is all there is.

/** The result of one statement. */
export interface PgliteResult {
  readonly rows: readonly unknown[]
  readonly affectedRows?: number
  readonly command?: string
}

/** What a transaction's callback is given. */
export interface PgliteTransaction {
  query(sql: string, params?: unknown[], options?: object): Promise<PgliteResult>
  exec(sql: string, options?: object): Promise<readonly PgliteResult[]>
  sql(strings: TemplateStringsArray, ...params: unknown[]): Promise<PgliteResult>
  rollback(): Promise<void>
  readonly closed: boolean
}

/** A database of PGlite (`@electric-sql/pglite` 0.3 or later), as far as it is needed. */
export interface Pglite {
  readonly ready: boolean
  readonly closed: boolean
  readonly waitReady: Promise<void>
  /** Where it is stored; nothing or `memory://...` for one in memory. */
  readonly dataDir?: string | undefined
  query(sql: string, params?: unknown[], options?: object): Promise<PgliteResult>
  exec(sql: string, options?: object): Promise<readonly PgliteResult[]>
  transaction(run: (tx: PgliteTransaction) => Promise<unknown>): Promise<unknown>
  /** Takes messages of the wire protocol and gives those that answer them, at once. */
  execProtocolRawSync(message: Uint8Array): Uint8Array
}

/** Whether something is a database of PGlite. */
export function isPglite(given: unknown): given is Pglite {
  return typeof given === 'object' && given !== null && 'execProtocolRawSync' in given && 'waitReady' in given
}
