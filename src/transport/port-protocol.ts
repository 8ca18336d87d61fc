// A call of a port's method as a link carries it: the method's name and arguments, and the result. Pure functions;
// knows no fake.
import { isRefusal } from '../history/status-why.ts'
import type { CallFailure, Protocol } from '../simulate/protocol.ts'

/** One call of a method. */
export interface PortRequest {
  readonly method: string
  readonly args: readonly unknown[]
  /** The method changes nothing. */
  readonly isRead: boolean
}

/** The result of a call: a value, the error that the fake threw, or the status of an answer from a fault. */
export type PortReply =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs: number | undefined }

/** The statuses in the history for replies of a port, which has none of its own. */
const [done, threw] = [200, 500] as const

/** The protocol that links carry for ports. */
export const portProtocol: Protocol<PortRequest, PortReply> = {
  patienceMs: 300_000, // as for fetch
  connectMs: 10_000,
  operationOf: ({ method }) => `${method}()`,
  textsOf: ({ args }) => textsIn(args),
  argumentsOf: ({ args }) => args,
  resultOf: (reply) => (reply.kind === 'value' ? { value: reply.value } : undefined),
  traceOf: () => undefined,
  isIdempotent: ({ isRead }) => isRead,
  isRead: ({ isRead }) => isRead,
  isDone: (code) => (code === done ? true : isRefusal(code) ? false : undefined),
  lengthsIn: () => [],
  codeOf: (reply) => (reply.kind === 'value' ? done : reply.kind === 'threw' ? threw : reply.status),
  bodyBytesOf: () => undefined,
  requestBytesOf: () => undefined,
  arriving: (request) => request,
  replyInstead: ({ status, retryAfterMs }) => ({ kind: 'status', status, retryAfterMs }),
  replyOfFailure: () => ({ kind: 'status', status: threw, retryAfterMs: undefined }),
  replyOfOverload: () => ({ kind: 'status', status: 503, retryAfterMs: undefined }),
  damaged: (reply) => reply,
  brokenOff: (reply) => reply,
  trickled: (reply) => reply,
  relayed: (reply) => reply,
}

/** How deep values are searched for the business key. */
const mostLevels = 4

function textsIn(value: unknown, level = 0): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || level === mostLevels) return []
  return Object.values(value).flatMap((item) => textsIn(item, level + 1))
}

/** The error for a caller whose call ended without an answer of the fake, like an error of a driver or an SDK. */
export function portError(what: string, why: CallFailure | Extract<PortReply, { kind: 'status' }>): Error {
  if (typeof why === 'string') {
    const [words, code] = failures[why]
    return Object.assign(new Error(`${what}: ${words}`), { code })
  }
  const { status, retryAfterMs } = why
  return Object.assign(new Error(`${what}: answered with status ${status}`), {
    code: `${status}`,
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

const failures = {
  refused: ['connection refused', 'ECONNREFUSED'],
  notFound: ['name not found', 'ENOTFOUND'],
  tryAgain: ['name not resolved', 'EAI_AGAIN'],
  unreachable: ['no connection in time', 'ETIMEDOUT'],
  reset: ['connection reset', 'ECONNRESET'],
  closed: ['connection closed', 'ECONNRESET'],
  timeout: ['no answer in time', 'ETIMEDOUT'],
} as const
