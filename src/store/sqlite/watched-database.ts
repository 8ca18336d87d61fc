// A watched database: reports live calls to the simulation, undoes what ghosts write, and remembers who opened the
// transaction. Knows the store that it belongs to, and not how drivers are patched.
import {
  storeCalled,
  storeCaller,
  storeChanges,
  storeMisused,
  storeOwner,
  storeReads,
  storeRefuses,
  transactionOpened,
} from '../../simulate/store-call.ts'
import type { Store } from '../../system/store.ts'
import type { Asked } from '../../simulate/store-access.ts'
import type { SqliteConnection } from './connection.ts'
import { noSpaceLeft } from './driver.ts'
import { Ghosts } from './ghost.ts'
import { classify, type Statement } from '../sql.ts'

/** One call of the code under test. */
export interface DriverCall<T> {
  readonly sql: string
  readonly values: readonly unknown[]
  /** Carries it out. */
  readonly native: () => T
  /** The result of a call that does nothing. */
  readonly nothing: () => T
}

/** A database while it is watched. */
export class WatchedDatabase {
  readonly store: Store
  readonly connection: SqliteConnection
  readonly #ghosts: Ghosts
  /** The life that opened the transaction. Valid only while one is open. */
  #opener: object | undefined
  /** Called as it ends, where somebody asks what is left open. */
  #ended: (() => void) | undefined
  /** The open transaction has changed something. */
  #isDirty = false

  constructor(store: Store, connection: SqliteConnection) {
    this.store = store
    this.connection = connection
    this.#ghosts = new Ghosts(connection)
  }

  /**
   * A call from inside a simulation. `settleAll` undoes ghosts first, here and on other connections to the same file.
   */
  call<T>({ sql, values, native, nothing }: DriverCall<T>, settleAll: () => void): T {
    const statement = classify(sql)
    if (storeCaller() === 'ghost')
      return this.#ghosts.call(statement.control, this.#opener === storeOwner(), native, nothing)
    settleAll()
    if (statement.control === 'attach') throw this.#noAttach()
    const wasOpen = this.connection.inTransaction()
    const asked = { operation: statement.operation, values }
    if (statement.write && statement.control === 'none' && storeRefuses(this.store, asked))
      throw noSpaceLeft(this.connection.db)
    const { result, changed } = this.#carriedOut(statement, native, wasOpen, asked)
    const isOpen = this.connection.inTransaction()
    if (!wasOpen) this.#isDirty = false
    const write = commits(statement, isOpen) ? this.#isDirty : changed
    this.#isDirty ||= changed
    if (!isOpen) this.#end()
    else if (!wasOpen) {
      this.#opener = storeOwner()
      this.#ended = transactionOpened(this.store)
    }
    const access = { ...asked, write }
    const isRead = !write && !statement.write && statement.control === 'none'
    storeCalled(this.store, isRead ? { ...access, gave: { value: result } } : access)
    return result
  }

  /**
   * A statement that could change rows but changed none counts as a read. Outside a transaction another process may use
   * the database between any two statements.
   */
  #carriedOut<T>(
    { operation, write, control }: Statement,
    native: () => T,
    isOpen: boolean,
    asked: Asked,
  ): { readonly result: T; readonly changed: boolean } {
    const isRow = rowStatement.test(operation)
    if (!isOpen && (isRow || control !== 'none')) storeChanges(this.store)
    const before = isRow ? this.connection.changedRows() : undefined
    const result = isOpen || write || control !== 'none' ? native() : storeReads(this.store, native, asked)
    return { result, changed: isRow ? this.connection.changedRows() !== before : write && control === 'none' }
  }

  crash(incarnation: object, running: boolean): void {
    const own = this.#opener === incarnation
    if (running) this.#ghosts.cover(own)
    else if (own) this.rollback()
  }

  settle(): void {
    this.#ghosts.settle()
  }

  /** Rolls back an open transaction, whoever opened it. */
  rollback(): void {
    this.#ghosts.settle()
    if (this.connection.inTransaction()) this.connection.exec('ROLLBACK')
    this.#end()
  }

  #end(): void {
    this.#opener = undefined
    this.#ended?.()
    this.#ended = undefined
  }

  #noAttach(): Error {
    return storeMisused(
      `sqlite("${this.store.name}"): ATTACH cannot be simulated, since what it opens is neither reset nor undone. ` +
        'Open that database on its own, and register it as a store of its own.',
    )
  }
}

const rowStatement = /^(?:insert|replace|update|delete)\b/

/** Whether it commits. The RELEASE of an outermost savepoint is a COMMIT (https://sqlite.org/lang_savepoint.html). */
function commits({ control }: Statement, isOpen: boolean): boolean {
  return control === 'commit' || (control === 'release' && !isOpen)
}
