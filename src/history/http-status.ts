// The HTTP status of what a client got or threw, as the usual clients show it: the platform's and node-fetch's
// Response, the answers of axios, got, superagent, undici.request and node:http, and their errors.

/** The status of an answer; undefined where it is none. */
export function statusOfAnswer(result: unknown): number | undefined {
  if (result instanceof Response) return result.status
  if (typeof result !== 'object' || result === null || !('headers' in result)) return undefined
  return statusIn(result)
}

/** The status by which a client's error was answered; undefined where there was no answer. */
export function statusOfError(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined
  const { response } = error
  return typeof response === 'object' && response !== null ? statusIn(response) : undefined
}

/** What an answer holds, as its client has read it: text, or what was in JSON. Undefined where nobody has. */
export function bodyOfAnswer(answer: object): unknown {
  const [data, body] = [Reflect.get(answer, 'data') as unknown, Reflect.get(answer, 'body') as unknown]
  return data ?? (typeof body === 'string' || isPlain(body) ? body : undefined)
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}

function statusIn(answer: object): number | undefined {
  for (const name of ['status', 'statusCode']) {
    const status: unknown = Reflect.get(answer, name)
    if (typeof status === 'number' && status >= 100 && status <= 599) return status
  }
  return undefined
}
