// The action that a request asks for. Services with one path for all actions name it in a header or in the body. It
// becomes part of the call's name, so that two different calls do not count as retries of one call.
import type { WireRequest } from './wire.ts'

/**
 * The operation of a GraphQL request, or the action of an AWS one; undefined for all others.
 *
 * Sources: "GraphQL over HTTP" (2023 draft), "AWS JSON 1.0 protocol" and "AWS Query protocol" of Smithy.
 */
export function askedAction({ method, url, headers, body }: WireRequest): string | undefined {
  if (method !== 'POST' || typeof body !== 'string') return undefined
  for (const [name, value] of headers) if (name === 'x-amz-target') return value.slice(value.lastIndexOf('.') + 1)
  if (url.pathname === '/' && /^Action=|&Action=/.test(body))
    return new URLSearchParams(body).get('Action') ?? undefined
  return /graphql/i.test(url.pathname) ? graphqlOperation(body) : undefined
}

/** Its name; of an operation without a name its first field. */
function graphqlOperation(body: string): string | undefined {
  const { operationName, query } = parsed(body)
  if (typeof operationName === 'string' && operationName !== '') return operationName
  if (typeof query !== 'string') return undefined
  const [, name, field] =
    /^[^{]*?(?:(?:query|mutation|subscription)\s+(\w+)[^{]*)?\{\s*(\w+)/.exec(query.replace(/#[^\n]*/g, '')) ?? []
  return name ?? field
}

function parsed(body: string): { readonly operationName?: unknown; readonly query?: unknown } {
  try {
    const json: unknown = JSON.parse(body)
    return typeof json === 'object' && json !== null ? json : {}
  } catch {
    return {} // not JSON: the handler will say so
  }
}
