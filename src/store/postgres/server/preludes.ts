// What a backend of ours is told before a client's statement: the time, where its random numbers begin, and whether it
// takes writes.
import { int16, joined, message } from '../messages.ts'
import type { Backend } from './backend.ts'
import { clockNames, telling } from './virtual-catalog.ts'

/** The moment of a statement. */
export interface StatementMoment {
  /** ISO 8601. */
  readonly now: string
  /** The text of the statement. */
  readonly text: string
  /** Something of the database's own reads the clock, whatever the statement says. */
  readonly readsClock: boolean
  /** The statement goes on with what a Flush has left open: a Query would drop what was prepared. */
  readonly isUnsynced: boolean
}

/** What one session is told. */
export class Preludes {
  /** Before its first statement. */
  first: readonly string[] = []
  #refusesNext = false
  /** Its backend refuses writes of the transactions that it begins. */
  #isReadOnly = false

  /** The unit that comes next is refused by a database that takes no writes. */
  refuse(): void {
    this.#refusesNext = true
  }

  /** Statements of our own before the next unit; each ends with ReadyForQuery. */
  next({ status }: Backend, { now, text, readsClock, isUnsynced }: StatementMoment): readonly Uint8Array[] {
    const isRefused = this.#refusesNext
    this.#refusesNext = false
    if (status === 'E') return []
    if (isUnsynced) {
      this.#isReadOnly ||= isRefused
      return isRefused ? [message('S'), besides('set default_transaction_read_only = true')] : []
    }
    if (status === 'T')
      return [
        ...(readsClock || clockNames.test(text) ? [telling({ clock: now })] : []),
        ...(isRefused ? ['set local transaction_read_only = on'] : []),
      ].map(query)
    const access = isRefused === this.#isReadOnly ? [] : [`set default_transaction_read_only = ${isRefused}`]
    this.#isReadOnly = isRefused
    const { first } = this
    this.first = []
    return [...first, telling({ now, clock: now }), ...access].map(query)
  }
}

const query = (sql: string): Uint8Array => message('Q', sql)

/** A statement that leaves an unnamed one where it is. */
function besides(sql: string): Uint8Array {
  const name = 'two_generals'
  return joined([
    message('P', name, sql, int16(0)),
    message('B', name, name, int16(0), int16(0), int16(0)),
    message('E', name, 0),
    message('C', new TextEncoder().encode('S'), name),
    message('S'),
  ])
}
