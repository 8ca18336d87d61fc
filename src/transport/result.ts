// What an operation returned or threw, as the history keeps it: an answer's status and body, whichever client got it,
// and whether an error says that nothing was done.
import { bodyOfAnswer, statusOfAnswer, statusOfError } from '../history/http-status.ts'
import { isRefusal, statusWhy } from '../history/status-why.ts'
import type { DescribeResult } from '../simulate/client.ts'
import { textOf } from '../simulate/globals.ts'
import { Received } from './received.ts'

/** Reads a result; answers and errors of HTTP clients are known, anything else is kept as it is. */
export const readResult: DescribeResult = (result) => {
  if (result instanceof Received) return { value: result.summary(), ...why(result.status) }
  if (result instanceof Response) return { value: summary(result), ...why(result.status) }
  if (result instanceof Error) return ofError(result)
  const status = statusOfAnswer(result)
  if (status === undefined) return { value: result }
  const body = bodyOfAnswer(result as object) // it has a status
  return { value: body === undefined ? { status } : { status, body }, ...why(status) }
}

/** A Response that a client's own code made. Its body is known where it is text. */
function summary(response: Response): { readonly status: number; readonly body?: string } {
  const body = textOf(response) ?? (response.body === null ? '' : undefined)
  return body === undefined ? { status: response.status } : { status: response.status, body }
}

/** How a client's own time limit shows. */
const waits: Readonly<Record<string, string>> = { TimeoutError: 'timeout', AbortError: 'aborted' }

function ofError(error: Error): ReturnType<DescribeResult> {
  if (isRefused(error)) return { refused: true, why: 'refused' }
  const status = statusOfError(error)
  if (status !== undefined) return { refused: status >= 400 && isRefusal(status), why: statusWhy(status) }
  return { why: waits[error.name] ?? (isTimeout(error) ? 'timeout' : 'error') }
}

/** axios calls a time limit an abort, and says so in words; got, undici and sockets have codes. */
function isTimeout(error: Error): boolean {
  const code: unknown = 'code' in error ? error.code : undefined
  if (code === 'ECONNABORTED') return /timeout/i.test(error.message)
  return (
    typeof code === 'string' && /^(?:ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(?:HEADERS|BODY|CONNECT)_TIMEOUT)$/.test(code)
  )
}

function why(status: number): { readonly why?: string } {
  return status >= 200 && status < 300 ? {} : { why: statusWhy(status) }
}

/** Nothing was sent. Name resolution fails as definitely as a connection that is refused. */
const definite: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

/** Clients wrap errors; somewhere in the chain stands the system's code. */
function isRefused(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 10) return false
  const code: unknown = 'code' in error ? error.code : undefined
  return (
    (typeof code === 'string' && definite.has(code)) ||
    (code === 'ETIMEDOUT' && isConnecting(error)) ||
    isRefused(error.cause, depth + 1)
  )
}

/** The system gave up connecting; node-fetch calls its field by another name. */
function isConnecting(error: object): boolean {
  return ['syscall', 'erroredSysCall'].some((name) => Reflect.get(error, name) === 'connect')
}
