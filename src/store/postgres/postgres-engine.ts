// What PostgreSQL does of its own, made by the embedded one: it refuses writes, as after a failover to a server in
// recovery, and a replica that lags answers reads. Knows no connection.
import type { StoreAge } from '../../scenario/fault/delivery.ts'
import type { World } from '../../simulate/world.ts'
import type { Store } from '../../system/store.ts'
import type { SqlProcedure } from './sql-procedure.ts'
import type { Pglite } from './pglite.ts'
import type { PostgresContent, PostgresRows } from './postgres-content.ts'
import { rawQuery } from './raw-query.ts'

/** The engine of one database. */
export class PostgresEngine {
  readonly #db: Pglite
  readonly #store: Store
  readonly #content: () => PostgresContent | undefined

  readonly #ask: <T>(procedure: SqlProcedure<T>) => T

  constructor(
    db: Pglite,
    store: Store,
    content: () => PostgresContent | undefined,
    ask: <T>(procedure: SqlProcedure<T>) => T,
  ) {
    this.#ask = ask
    this.#db = db
    this.#store = store
    this.#content = content
  }

  /**
   * Carries out a write while the database takes none: PostgreSQL itself refuses it, with its own words (25006), in the
   * transaction that is open as well as in one of its own.
   */
  async refusing(work: () => Promise<unknown>): Promise<unknown> {
    const [[before = 'off'] = []] = this.#tell('show default_transaction_read_only')
    this.#tell('set default_transaction_read_only = on; set local transaction_read_only = on')
    try {
      return await work()
    } finally {
      this.#tell(`set default_transaction_read_only = ${before}`)
    }
  }

  /** A transaction that has failed already takes no setting, and refuses whatever follows. */
  #tell(setting: string): readonly (readonly (string | null)[])[] {
    try {
      return rawQuery(this.#db, setting)
    } catch (error) {
      if (error instanceof Error && /aborted/.test(error.message)) return []
      throw error
    }
  }

  /** Something is about to change outside a transaction, or in one that begins. */
  changing(world: World): void {
    world.past.changing(this.#store)
  }

  committed(world: World): void {
    world.past.committed(this.#store, world.nowMs)
  }

  /** Whether a read outside a transaction may be answered by a replica that has something older. */
  isStale(world: World): boolean {
    return this.#store.faults?.includes('stale') === true && world.past.isOf(this.#store)
  }

  /** Carries out a read on what the database held so long ago. */
  async asOf(world: World, age: StoreAge, work: () => Promise<unknown>): Promise<unknown> {
    const content = this.#content()
    const old = world.past.asOf(this.#store, age, world.nowMs)
    if (content === undefined || old === undefined) return work()
    const now = this.#ask(content.rows())
    this.#ask(content.put(old.content as PostgresRows)) // `remember` gave it
    try {
      return await work()
    } finally {
      this.#ask(content.put(now))
    }
  }
}
