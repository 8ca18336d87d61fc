// How a statement without an answer of the database ended, in the words and codes of PostgreSQL and its drivers.
import type { CallFailure } from '../../simulate/protocol.ts'
import type { SqlReply } from '../sql-protocol.ts'

/** How a statement without an answer of the database ended: as a driver of PostgreSQL would say it. */
export function connectionError(why: CallFailure | Extract<SqlReply, { kind: 'status' }>): Error {
  const [message, code] = typeof why === 'string' ? failures[why] : (answers[why.status] ?? answers[500])
  return Object.assign(new Error(message), { code })
}

/** PostgreSQL has closed a connection whose transaction was idle for too long. */
export function idledOut(): Error {
  const [message, code] = idle
  return Object.assign(new Error(message), { code })
}

/** The code that PostgreSQL itself gave such an error; undefined where it is a socket's. */
export function sqlStateOf(error: Error): string | undefined {
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' && [idle, ...Object.values(answers)].some(([, state]) => state === code)
    ? code
    : undefined
}

const idle = ['terminating connection due to idle-in-transaction timeout', '25P03'] as const

/** Codes of sockets, as drivers pass them on. */
const failures: Readonly<Record<CallFailure, readonly [string, string]>> = {
  refused: ['connect ECONNREFUSED', 'ECONNREFUSED'],
  notFound: ['getaddrinfo ENOTFOUND', 'ENOTFOUND'],
  tryAgain: ['getaddrinfo EAI_AGAIN', 'EAI_AGAIN'],
  unreachable: ['connect ETIMEDOUT', 'ETIMEDOUT'],
  reset: ['Connection terminated unexpectedly', 'ECONNRESET'],
  closed: ['Connection terminated', 'ECONNRESET'],
  timeout: ['read ETIMEDOUT', 'ETIMEDOUT'],
}

/** SQLSTATE codes, see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const answers: Readonly<Record<number, readonly [string, string]>> & { readonly 500: readonly [string, string] } = {
  429: ['sorry, too many clients already', '53300'],
  500: ['the connection was lost', '08006'],
  503: ['the database system is starting up', '57P03'],
}
