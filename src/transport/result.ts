// What an operation returned or threw, as the history keeps it: a Response's status and text, and whether an error says
// "refused".
import { statusWhy } from '../history/status-why.ts'
import type { DescribeResult } from '../simulate/client.ts'
import { textOf } from '../simulate/globals.ts'
import { Received } from './received.ts'

/** Reads a result; Responses and network errors are known, anything else is kept as it is. */
export const readResult: DescribeResult = (result) => {
  if (result instanceof Received) return { value: result.summary(), ...why(result) }
  if (result instanceof Response) return { value: summary(result), ...why(result) }
  if (result instanceof Error) return { refused: isRefused(result), why: waits[result.name] ?? 'error' }
  return { value: result }
}

/** A Response that a client's own code made. Its body is known where it is text. */
function summary(response: Response): { readonly status: number; readonly body?: string } {
  const body = textOf(response) ?? (response.body === null ? '' : undefined)
  return body === undefined ? { status: response.status } : { status: response.status, body }
}

/** How a client's own time limit shows. */
const waits: Readonly<Record<string, string>> = { TimeoutError: 'timeout', AbortError: 'aborted' }

function why(response: Response): { readonly why?: string } {
  return response.ok ? {} : { why: statusWhy(response.status) }
}

/** Clients wrap errors; somewhere in the chain stands the system's code. Name resolution fails as definitely. */
function isRefused(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 10) return false
  const code: unknown = 'code' in error ? error.code : undefined
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || isRefused(error.cause, depth + 1)
}
