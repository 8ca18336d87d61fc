// Ghosts and how their writes are undone. A ghost is the code of a dead life that runs on until its synchronous stretch
// ends. All its writes go into a transaction or savepoint, the cover, which `settle` rolls back. We throw no error at a
// ghost. Knows one connection, and not who calls.
import type { SqliteConnection } from './connection.ts'
import type { Control } from '../sql.ts'

const outer = 'two_generals_ghost'
const inner = 'two_generals_ghost_transaction'

/**
 * What covers a ghost's writes. `outermost`: our savepoint, with no transaction around it. `within`: our savepoint,
 * inside a transaction that someone else has open on the same connection and that stays untouched. `withheld`: the dead
 * life's own open transaction, which we do not let end.
 */
type Cover = 'none' | 'outermost' | 'within' | 'withheld'

/** The ghosts of one database. */
export class Ghosts {
  readonly #connection: SqliteConnection
  #cover: Cover = 'none'
  /** The ghost believes that it has a transaction open. */
  #begun = false
  /** That transaction is our inner savepoint. */
  #nested = false

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  /** `settle` will undo everything from here on. `own`: an open transaction belongs to the dead life. */
  cover(own: boolean): void {
    this.settle()
    const open = this.#connection.inTransaction()
    this.#cover = !open ? 'outermost' : own ? 'withheld' : 'within'
    this.#begun = this.#cover === 'withheld'
    if (this.#cover !== 'withheld') this.#connection.exec(`SAVEPOINT ${outer}`)
  }

  /** A call of a ghost. `native` carries it out; `nothing` gives the result of a call that does nothing. */
  call<T>(control: Control, own: boolean, native: () => T, nothing: () => T): T {
    // SQLite itself may have rolled everything back (INSERT OR ROLLBACK), and our savepoint with it.
    if (this.#cover === 'none' || !this.#connection.inTransaction()) this.cover(own)
    switch (control) {
      case 'none':
      case 'savepoint':
        return native()
      case 'begin':
        return this.#begun ? native() : this.#begin(nothing)
      case 'commit':
        return this.#end(false, nothing)
      case 'rollback':
        return this.#end(true, nothing)
      // Releasing a savepoint below ours would release the cover too.
      case 'release':
      case 'rollback to':
        return this.#cover === 'outermost' ? native() : nothing()
      case 'connection':
      case 'attach':
        return nothing()
      default:
        return control satisfies never
    }
  }

  #begin<T>(nothing: () => T): T {
    this.#connection.exec(`SAVEPOINT ${inner}`)
    this.#begun = true
    this.#nested = true
    return nothing()
  }

  #end<T>(back: boolean, nothing: () => T): T {
    if (this.#nested) this.#connection.exec(`${back ? `ROLLBACK TO ${inner}; ` : ''}RELEASE ${inner}`)
    this.#begun = false
    this.#nested = false
    return nothing()
  }

  /** Undoes all that ghosts did. */
  settle(): void {
    const cover = this.#cover
    if (cover === 'none') return
    this.#cover = 'none'
    this.#begun = false
    this.#nested = false
    if (!this.#connection.inTransaction()) return
    this.#connection.exec(cover === 'within' ? `ROLLBACK TO ${outer}; RELEASE ${outer}` : 'ROLLBACK')
  }
}
