// better-sqlite3 in the place of node:sqlite: the tests of the SQLite store run once more with it, see
// vitest.config.ts. What tests look at has the names that node:sqlite gives it.
import Database from 'better-sqlite3'

export class DatabaseSync extends Database {
  get isOpen(): boolean {
    return this.open
  }

  get isTransaction(): boolean {
    return this.inTransaction
  }
}
