// Errors of D1, as a Worker sees them. Knows no database.
import type { CallFailure } from '../../simulate/protocol.ts'
import type { SqlReply } from '../sql-protocol.ts'

/** An error of D1: its words are all that tells it from another. */
export function d1Error(words: string): Error {
  return new Error(`D1_ERROR: ${words}`, { cause: new Error(words) })
}

/** What SQLite says, as D1 passes it on: `UNIQUE constraint failed: users.id: SQLITE_CONSTRAINT`. */
export function engineError(error: unknown): Error {
  const { message, code, errcode } = error as { message?: string; code?: string; errcode?: number } // any driver's
  const [name] = /^SQLITE_[A-Z]+/.exec(code ?? '') ?? [codes[(errcode ?? 1) % 256]]
  return d1Error(`${message}: ${name ?? 'SQLITE_ERROR'}`)
}

/** See https://sqlite.org/rescode.html */
const codes: Readonly<Record<number, string>> = { 19: 'SQLITE_CONSTRAINT', 20: 'SQLITE_MISMATCH', 25: 'SQLITE_RANGE' }

/** How a call without an answer ended. @see https://developers.cloudflare.com/d1/observability/debug-d1/ */
export function lostError(why: CallFailure | Extract<SqlReply, { kind: 'status' }>): Error {
  if (why === 'timeout') return d1Error('D1 DB storage operation exceeded timeout which caused object to be reset.')
  if (typeof why === 'string') return d1Error('Network connection lost.')
  return d1Error(
    why.status === 429
      ? 'D1 DB is overloaded. Too many requests queued.'
      : 'Internal error while starting up D1 DB storage caused object to be reset.',
  )
}
