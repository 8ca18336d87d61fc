// What a connection of PostgreSQL's wire protocol leads to: the one session of an embedded database, or a backend of a
// server, which belongs to this connection alone.
import type { CallerLine } from '../../simulate/call-details.ts'
import type { Context } from '../../simulate/context.ts'
import type { Statement } from '../sql.ts'
import type { WireMessage } from './messages.ts'
import type { OpenTransaction } from './sessions.ts'
import type { DatabaseCall } from './statement-call.ts'

/** What is carried out at once: all up to a Query, a Sync or a Flush. */
export interface Unit {
  /** Who sent it: requests of several may wait on one connection. */
  readonly context: Context
  readonly at: CallerLine | undefined
  readonly messages: readonly WireMessage[]
  readonly bytes: Uint8Array
  readonly statement: Statement
  readonly params: readonly unknown[]
  /** What it carries out; empty where it does not. */
  readonly text: string
}

/** How a unit ended in the database. */
export interface UnitEnd {
  /** Whether a transaction is open now: `I`, `T` or `E`, as ReadyForQuery says; undefined without a Sync. */
  readonly status: 'I' | 'T' | 'E' | undefined
  readonly failed: boolean
  /** What it changed is gone. */
  readonly undone: boolean
}

/** The database's side of one connection. */
export interface WireSession {
  /** What lets a client in. */
  readonly greeting: Uint8Array
  /** Called where the database closes the connection of its own accord. */
  closes: ((why: Error) => void) | undefined
  /** The client has come. `asked`: statements for the settings that it asks for. */
  begin(asked: readonly string[]): void
  /** Looks at a text before it is sent. @throws where it cannot be carried out here */
  look(text: string): void
  /** A message as the database is to get it. */
  adapted(message: WireMessage): Uint8Array
  /** Sends what is to be carried out. */
  issue(call: DatabaseCall): void
  /** Carries a unit out: all bytes that answer it. */
  carryOut(of: OpenTransaction, unit: Unit): Uint8Array | Promise<Uint8Array>
  /** A unit has been carried out. */
  ended(of: OpenTransaction, unit: Unit, how: UnitEnd): void
  /** The client has closed the connection, or has died. */
  leave(of: OpenTransaction | undefined): void
  /** Another connection asks for what this number names to be cancelled. */
  cancel(processId: number): void
}
