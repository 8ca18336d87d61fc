// The one session of an embedded database, shared by all who would have a connection of their own: whoever opens a
// transaction has the database to itself until it ends. Knows the database, and not how calls reach it.
import { SetupError } from '../../simulate/setup-error.ts'
import type { Context } from '../../simulate/context.ts'
import type { World } from '../../simulate/world.ts'
import type { Pglite, PgliteTransaction } from './pglite.ts'

/** A transaction of somebody's. */
export interface OpenTransaction {
  /** The incarnation that opened it. */
  readonly owner: object
  /** In which it was opened. */
  readonly context: Context
  /** How many of its statements are under way. */
  underWay: number
  /** It has changed something. */
  isDirty: boolean
  /** It has ended, by whatever way. */
  isOver: boolean
}

/** After so much virtual time without a statement, who waits for its own transaction has waited for ever. */
const patienceMs = 60_000

/** Rolls a transaction back, and is no error. */
const rollBack = Symbol('roll back')

interface Running {
  readonly of: OpenTransaction
  readonly tx: PgliteTransaction
  readonly ending: PromiseWithResolvers<void>
  /** Settles when PostgreSQL has ended it. */
  readonly ended: Promise<unknown>
}

/** Who has the database, and who waits for it. */
export class Sessions {
  readonly #name: string
  readonly #native: Pglite['transaction']
  #running: Running | undefined
  #waiting: (() => void)[] = []

  /** @param native the database's own `transaction` */
  constructor(name: string, native: Pglite['transaction']) {
    this.#name = name
    this.#native = native
  }

  get isOpen(): boolean {
    return this.#running !== undefined
  }

  /**
   * Waits until no other transaction is open.
   *
   * @param caller who sent the statement
   * @param own in which it is carried out
   */
  async free(world: World, caller: Context, own: Context): Promise<void> {
    while (this.#running !== undefined) {
      this.#watch(world, caller, this.#running.of)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      await world.later(own, () => undefined) // one at a time
    }
  }

  /** Opens a transaction, once it is free. */
  async begin(of: OpenTransaction): Promise<void> {
    const ending = Promise.withResolvers<void>()
    await new Promise<void>((begun, failed) => {
      const ended = this.#native(async (tx: PgliteTransaction) => {
        this.#running = { of, tx, ending, ended }
        begun()
        await ending.promise
      })
      ended.then(undefined, (error: unknown) => {
        if (error !== rollBack) failed(error as Error) // PGlite's own error
      })
    })
  }

  /** What a transaction's statements are carried out on; undefined where it is over. */
  of(transaction: OpenTransaction): PgliteTransaction | undefined {
    return this.#running?.of === transaction ? this.#running.tx : undefined
  }

  /** @throws what PostgreSQL throws, as where an earlier statement had failed */
  async commit(transaction: OpenTransaction): Promise<void> {
    const running = this.#running
    if (running?.of !== transaction) return
    running.ending.resolve()
    try {
      await running.ended
    } finally {
      this.#released(running)
    }
  }

  /** Its changes are undone: its owner says so, or has died, or its connection is lost. */
  rollBack(transaction: OpenTransaction): void {
    transaction.isOver = true
    const running = this.#running
    if (running?.of !== transaction) return
    running.ending.reject(rollBack) // whatever comes next waits until PGlite has done it
    this.#released(running)
  }

  /** Those of an incarnation that has died. */
  crash(owner: object): void {
    if (this.#running?.of.owner === owner) this.rollBack(this.#running.of)
  }

  /** Resolves when no transaction is open any more. */
  async reset(): Promise<void> {
    this.#waiting = []
    const running = this.#running
    if (running === undefined) return
    this.rollBack(running.of)
    await running.ended.catch(() => undefined) // the error is that of `rollBack`
  }

  #released(running: Running): void {
    running.of.isOver = true
    if (this.#running === running) this.#running = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** With connections of its own PostgreSQL would answer: so this must not look like a fault of the code. */
  #watch(world: World, caller: Context, other: OpenTransaction): void {
    if (other.context.id !== caller.id) return
    world.scheduler.add(world.nowMs + patienceMs, () => {
      if (other.isOver || other.underWay > 0) return
      world.fail(
        new SetupError(
          `postgres("${this.#name}"): while a transaction is open, the same code waits for a statement outside it. ` +
            'PGlite has one session, so this waits for ever; PostgreSQL with a second connection might answer. Use ' +
            'the transaction for all statements in it: tx.query(...) in place of db.query(...).',
        ),
      )
    })
  }
}
