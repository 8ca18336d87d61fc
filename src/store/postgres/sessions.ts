// The one session of an embedded database, shared by all who would have a connection of their own: whoever opens a
// transaction has the database to itself until it ends. Knows neither the database nor how statements reach it.
import { SetupError } from '../../simulate/setup-error.ts'
import type { Context } from '../../simulate/context.ts'
import type { World } from '../../simulate/world.ts'

/** A transaction of somebody's, or a connection that may have one. */
export interface OpenTransaction {
  /** The incarnation that opened it. */
  owner: object
  /** In which it was opened. */
  context: Context
  /** How many of its statements are under way. */
  underWay: number
  /** It has changed something. */
  isDirty: boolean
  /** It has ended, by whatever way, and its connection with it. */
  isOver: boolean
}

/** After so much virtual time without a statement, who waits for its own transaction has waited for ever. */
const patienceMs = 60_000

interface Holder {
  readonly of: OpenTransaction
  /** Rolls it back. What comes next waits until PostgreSQL has done so. */
  readonly undo: () => Promise<unknown> | void
}

/** Who has the database, and who waits for it. */
export class Sessions {
  readonly #name: string
  #holder: Holder | undefined
  #waiting: (() => void)[] = []

  constructor(name: string) {
    this.#name = name
  }

  get isOpen(): boolean {
    return this.#holder !== undefined
  }

  /**
   * Waits until no transaction of others is open.
   *
   * @param caller who sent the statement
   * @param own in which it is carried out
   */
  async free(world: World, caller: Context, own: Context, mine?: OpenTransaction): Promise<void> {
    while (this.#holder !== undefined && this.#holder.of !== mine) {
      caller.host.printed(caller, `waits: a transaction of ${this.#holder.of.context.life.node} has the one session`)
      this.#watch(world, caller, this.#holder.of)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      await world.later(own, () => undefined) // one at a time
    }
  }

  /** From now on it has the database to itself. */
  hold(of: OpenTransaction, undo: Holder['undo']): void {
    if (this.#holder?.of !== of) this.#holder = { of, undo }
  }

  holds(of: OpenTransaction): boolean {
    return this.#holder?.of === of
  }

  release(of: OpenTransaction): void {
    if (this.#holder?.of !== of) return
    this.#holder = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Its changes are undone: its owner says so, or has died, or its connection is lost. */
  rollBack(of: OpenTransaction): Promise<unknown> | void {
    of.isOver = true
    if (this.#holder?.of !== of) return
    const undone = this.#holder.undo()
    this.release(of)
    return undone
  }

  /** Those of an incarnation that has died. */
  crash(owner: object): void {
    if (this.#holder?.of.owner === owner) void this.rollBack(this.#holder.of)
  }

  /** Resolves when no transaction is open any more. */
  async reset(): Promise<void> {
    this.#waiting = []
    if (this.#holder !== undefined) await this.rollBack(this.#holder.of)
  }

  /** With connections of its own PostgreSQL would answer: so this must not look like a fault of the code. */
  #watch(world: World, caller: Context, other: OpenTransaction): void {
    if (other.context.id !== caller.id) return
    world.scheduler.add(world.nowMs + patienceMs, () => {
      if (this.#holder?.of !== other || other.underWay > 0) return
      world.fail(
        new SetupError(
          `postgres("${this.#name}"): while a transaction is open, the same code waits for a statement outside it. ` +
            'PGlite has one session, so this waits for ever; PostgreSQL with a second connection might answer. Use ' +
            "the transaction's own client for all statements in it.",
        ),
      )
    })
  }
}
