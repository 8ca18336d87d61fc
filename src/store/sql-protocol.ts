// A statement as a link carries it to a database and back: its text and parameters, and its result. Pure functions;
// knows no database.
import { isRefusal } from '../history/status-why.ts'
import type { Protocol } from '../simulate/protocol.ts'

/** One statement, or what opens or ends a transaction. */
export interface SqlRequest {
  /** What it does to what, as it stands in addresses: `insert orders`. */
  readonly operation: string
  readonly params: readonly unknown[]
  /** It changes nothing. */
  readonly isRead: boolean
  /** Carries it out. */
  readonly run: () => Promise<unknown>
}

/** The result: a value, the error that the database gave, or the status of an answer from a fault. */
export type SqlReply =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'status'; readonly status: number }

/** The statuses in the history for replies of a database, which has none of its own. */
const [done, threw] = [200, 500] as const

/** The protocol that links carry for databases. */
export const sqlProtocol: Protocol<SqlRequest, SqlReply> = {
  patienceMs: 300_000, // as for ports
  connectMs: 10_000,
  operationOf: ({ operation }) => operation,
  textsOf: ({ params }) => params.filter((value) => typeof value === 'string'),
  argumentsOf: ({ params }) => params,
  resultOf: (reply) => (reply.kind === 'value' ? rowsIn(reply.value) : undefined),
  traceOf: () => undefined,
  isIdempotent: () => false, // nobody on the way repeats a statement
  isRead: ({ isRead }) => isRead,
  isDone: (code) => (code === done ? true : isRefusal(code) ? false : undefined),
  lengthsIn: () => [],
  codeOf: (reply) => (reply.kind === 'value' ? done : reply.kind === 'threw' ? threw : reply.status),
  bodyBytesOf: () => undefined,
  requestBytesOf: () => undefined,
  arriving: (request) => request,
  replyInstead: ({ status }) => ({ kind: 'status', status }),
  replyOfFailure: () => ({ kind: 'status', status: threw }),
  replyOfOverload: () => ({ kind: 'status', status: 503 }),
  damaged: (reply) => reply,
  brokenOff: (reply) => reply,
  trickled: (reply) => reply,
  relayed: (reply) => reply,
}

/** Carries out what is asked. */
export async function answerTo({ run }: SqlRequest): Promise<SqlReply> {
  try {
    return { kind: 'value', value: await run() }
  } catch (error) {
    return { kind: 'threw', error }
  }
}

/** The rows that a statement gave, where it gave any. */
function rowsIn(result: unknown): { readonly value: unknown } | undefined {
  if (typeof result !== 'object' || result === null || !('rows' in result)) return undefined
  return Array.isArray(result.rows) && result.rows.length > 0 ? { value: result.rows } : undefined
}
