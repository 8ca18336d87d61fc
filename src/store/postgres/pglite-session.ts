// A connection's part of the one session of PGlite: its settings, its prepared statements under names of their own, and
// the transaction that it has open.
import { lengthOf, message, textsIn, type WireMessage } from './messages.ts'
import type { DatabaseCalls } from './database-calls.ts'
import { inEngine } from './engine-host.ts'
import { greetingOf } from './greeting.ts'
import type { Pglite } from './pglite.ts'
import { rawQuery } from './raw-query.ts'
import { ConnectionSettings } from './session-settings.ts'
import type { OpenTransaction } from './sessions.ts'
import type { DatabaseCall } from './statement-call.ts'
import type { Unit, UnitEnd, WireSession } from './wire-session.ts'

let connectionsSoFar = 0

/** Whoever comes is let in. */
const greeting: Uint8Array = greetingOf(
  {
    server_version: '18.0',
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  },
  1,
)

/** What one connection has of it. */
export class PgliteSession implements WireSession {
  readonly greeting: Uint8Array = greeting
  closes: WireSession['closes']
  readonly #db: Pglite
  readonly #calls: DatabaseCalls
  /** Its statements have names of their own in the one session. */
  readonly #prefix: string
  #settings: ConnectionSettings = new ConnectionSettings()
  #hasTemporary = false

  constructor(db: Pglite, calls: DatabaseCalls) {
    connectionsSoFar += 1
    this.#db = db
    this.#calls = calls
    this.#prefix = `tg${connectionsSoFar}_`
  }

  begin(asked: readonly string[]): void {
    this.#settings = new ConnectionSettings(asked)
  }

  look(text: string): void {
    this.#calls.look(text)
  }

  adapted({ kind, body, bytes }: WireMessage): Uint8Array {
    const isOfStatement = (kind === 'D' || kind === 'C') && body[0] === 'S'.charCodeAt(0)
    if (kind === 'P') {
      const [name = ''] = textsIn(body, 1)
      if (name === '') return bytes
      this.#calls.isRenewed = false
      return message('P', this.#prefix + name, body.subarray(lengthOf(name)))
    }
    if (kind === 'B') {
      const [portal = '', name = ''] = textsIn(body, 2)
      const rest = body.subarray(lengthOf(portal) + lengthOf(name))
      return name === '' ? bytes : message('B', portal, this.#prefix + name, rest)
    }
    if (!isOfStatement) return bytes
    const [name = ''] = textsIn(body.subarray(1), 1)
    return name === '' ? bytes : message(kind, body.subarray(0, 1), this.#prefix + name)
  }

  issue(call: DatabaseCall): void {
    this.#calls.issue(call)
  }

  carryOut(of: OpenTransaction, { bytes }: Unit): Uint8Array {
    const { sessions, settings } = this.#calls
    if (!sessions.holds(of)) settings.use(this.#settings)
    return inEngine(() => this.#db.execProtocolRawSync(bytes))
  }

  ended(of: OpenTransaction, { text }: Unit, { status, failed, undone }: UnitEnd): void {
    const { sessions } = this.#calls
    if (!failed) this.#settings.note(text)
    this.#hasTemporary ||= /^\s*create\s+(?:local\s+|global\s+)?temp/i.test(text)
    // Without a Sync, what follows belongs to it as well
    if (status !== 'I') return sessions.hold(of, () => this.#undo(status === undefined))
    sessions.release(of)
    this.#settings.ended(undone ? 'rolled back' : 'committed')
    if (of.isDirty && !undone) this.#calls.committed()
  }

  leave(of: OpenTransaction | undefined): void {
    const { sessions } = this.#calls
    if (of !== undefined) void sessions.rollBack(of)
    if (this.#hasTemporary && !sessions.isOpen) rawQuery(this.#db, 'discard temp')
  }

  /** Nothing waits inside the one session. */
  cancel(): void {
    // A statement of PGlite has ended before anybody else can act
  }

  #undo(isUnsynced: boolean): void {
    if (isUnsynced) inEngine(() => this.#db.execProtocolRawSync(message('S')))
    rawQuery(this.#db, 'ROLLBACK')
  }
}
