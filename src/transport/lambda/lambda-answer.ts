// What AWS makes of the value that a Lambda handler returned. Knows no simulation.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
import { isRecord } from '../../plain/options.ts'

/** What a function stands behind. */
export type LambdaFront = 'http-api' | 'function-url' | 'rest-api'

/** What answers in the function's place. */
interface Front {
  /** The function threw, timed out, or returned what is no answer. */
  readonly failed: readonly [status: number, body: string]
  /** It waits no longer than so many milliseconds, and what it says then. */
  readonly late?: readonly [afterMs: number, status: number, body: string]
}

/**
 * - https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
 * - https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 * - https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
 */
export const fronts: Readonly<Record<LambdaFront, Front>> = {
  'http-api': {
    failed: [500, '{"message":"Internal Server Error"}'],
    late: [30_000, 503, '{"message":"Service Unavailable"}'],
  },
  'function-url': { failed: [502, 'Internal Server Error'] },
  'rest-api': {
    failed: [502, '{"message":"Internal server error"}'],
    late: [29_000, 504, '{"message":"Endpoint request timed out"}'],
  },
}

/** The answer in the function's place. */
export function insteadOf(status: number, body: string): Response {
  const type = body.startsWith('{') ? 'application/json' : 'text/plain'
  return new Response(body, { status, headers: { 'content-type': type } })
}

interface LambdaAnswer {
  readonly response: Response
  /** Why it is no answer. */
  readonly malformed?: string
}

/** The answer that the caller gets. */
export function answerOf(returned: unknown, front: LambdaFront): LambdaAnswer {
  if (returned instanceof Response)
    return malformed(front, 'a Response. A handler that takes a Request is a node by serve(() => handler)')
  const result = throughJson(returned)
  if (!isRecord(result) || !('statusCode' in result)) {
    if (front === 'rest-api') return malformed(front, 'it has no statusCode')
    return { response: new Response(JSON.stringify(result), { headers: { 'content-type': 'application/json' } }) }
  }
  const { statusCode, body, isBase64Encoded } = result
  const status = Number(statusCode)
  if (!Number.isInteger(status) || status < 200 || status > 599)
    return malformed(front, `statusCode is ${JSON.stringify(statusCode)}`)
  if (body !== undefined && body !== null && typeof body !== 'string')
    return malformed(front, `body is ${Array.isArray(body) ? 'an array' : typeof body}; give JSON.stringify(...)`)
  const bytes = typeof body !== 'string' ? null : isBase64Encoded === true ? Buffer.from(body, 'base64') : body
  const isBodiless = [204, 205, 304].includes(status) || bytes === null || bytes.length === 0
  return { response: new Response(isBodiless ? null : bytes, { status, headers: headersOf(result, front) }) }
}

function malformed(front: LambdaFront, why: string): LambdaAnswer {
  return { response: insteadOf(...fronts[front].failed), malformed: why }
}

/** AWS gets it as JSON. */
function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null')
}

function headersOf(result: Readonly<Record<string, unknown>>, front: LambdaFront): Headers {
  const headers = new Headers(front !== 'rest-api' ? { 'content-type': 'application/json' } : undefined)
  for (const [name, value] of entriesOf(result['headers'])) headers.set(name, String(value))
  if (front === 'rest-api') {
    for (const [name, values] of entriesOf(result['multiValueHeaders'])) {
      headers.delete(name)
      for (const value of listOf(values)) headers.append(name, String(value))
    }
  } else for (const cookie of listOf(result['cookies'])) headers.append('set-cookie', String(cookie))
  return headers
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : []
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
