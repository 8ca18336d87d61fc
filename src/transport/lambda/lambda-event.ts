// A request as AWS describes it to a Lambda handler: the events of function URLs and HTTP APIs (format 2.0), and of
// REST APIs (format 1.0). Plain data; knows no simulation.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
import type { LambdaFront } from './lambda-answer.ts'

/** How a request got to the function. */
interface LambdaRequest {
  readonly front: LambdaFront
  /** The function's name. */
  readonly name: string
  readonly id: string
  /** The address of the caller. */
  readonly sourceIp: string
  /** When it arrived, in milliseconds since the epoch. */
  readonly nowMs: number
}

/** AWS' own account in all of its examples. */
const accountId = '123456789012'

/** The event for a request. `body`: its bytes. */
export function eventOf(request: Request, body: Uint8Array, invocation: LambdaRequest): object {
  return invocation.front === 'rest-api' ? first(request, body, invocation) : second(request, body, invocation)
}

function second(request: Request, body: Uint8Array, { name, id, nowMs, sourceIp }: LambdaRequest): object {
  const url = new URL(request.url)
  const { cookie, ...headers } = headersOf(request, url, sourceIp)
  const query = parametersOf(url)
  const path = url.pathname
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(query.length === 0 ? {} : { queryStringParameters: joined(query) }),
    requestContext: {
      accountId,
      apiId: name,
      domainName: url.host,
      domainPrefix: url.hostname.split('.')[0],
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: id,
      routeKey: '$default',
      stage: '$default',
      time: logTime(nowMs),
      timeEpoch: nowMs,
    },
    ...bodyOf(body, headers['content-type'], /^text\/|[/+]json\b|[/+]xml\b|\/javascript\b/),
  }
}

function first(request: Request, body: Uint8Array, { name, id, nowMs, sourceIp }: LambdaRequest): object {
  const url = new URL(request.url)
  const headers = headersOf(request, url, sourceIp)
  const query = parametersOf(url)
  const path = url.pathname
  const { body: text, isBase64Encoded } = {
    body: null,
    ...bodyOf(body, headers['content-type'], /^text\/|[/+]json\b|[/+]xml\b|\/javascript\b|form-urlencoded/),
  }
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: request.method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [value]])),
    queryStringParameters: query.length === 0 ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query.length === 0 ? null : grouped(query),
    pathParameters: path === '/' ? null : { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId,
      apiId: name,
      domainName: url.host,
      domainPrefix: url.hostname.split('.')[0],
      extendedRequestId: id,
      httpMethod: request.method,
      identity: { sourceIp, userAgent: headers['user-agent'] ?? null },
      path: `/prod${path}`,
      protocol: 'HTTP/1.1',
      requestId: id,
      requestTime: logTime(nowMs),
      requestTimeEpoch: nowMs,
      resourceId: 'proxy',
      resourcePath: '/{proxy+}',
      stage: 'prod',
    },
    body: text,
    isBase64Encoded,
  }
}

/** Names in lower case; values of one name joined by commas, as Headers does it. */
function headersOf({ headers }: Request, { host, protocol, port }: URL, sourceIp: string): Record<string, string> {
  const scheme = protocol.slice(0, -1)
  return {
    host,
    ...Object.fromEntries(headers),
    'x-forwarded-for': sourceIp,
    'x-forwarded-port': port === '' ? (scheme === 'https' ? '443' : '80') : port,
    'x-forwarded-proto': scheme,
  }
}

function parametersOf({ searchParams }: URL): readonly (readonly [string, string])[] {
  return [...searchParams]
}

function grouped(query: readonly (readonly [string, string])[]): Readonly<Record<string, readonly string[]>> {
  const byName = new Map<string, string[]>()
  for (const [name, value] of query) byName.set(name, [...(byName.get(name) ?? []), value])
  return Object.fromEntries(byName)
}

function joined(query: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(grouped(query)).map(([name, values]) => [name, values.join(',')]))
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text where its type says that it is, or says nothing and it can be; base64 otherwise. */
function bodyOf(
  bytes: Uint8Array,
  type: string | undefined,
  texts: RegExp,
): { readonly body?: string; readonly isBase64Encoded: boolean } {
  if (bytes.length === 0) return { isBase64Encoded: false }
  if (type === undefined || texts.test(type)) {
    try {
      return { body: strict.decode(bytes), isBase64Encoded: false }
    } catch {
      // bytes, whatever their type says
    }
  }
  return { body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `12/Mar/2020:19:03:58 +0000` */
function logTime(ms: number): string {
  const date = new Date(ms)
  const [day = '', time = ''] = date.toISOString().split('T')
  const [year, month, dayOfMonth] = day.split('-')
  return `${dayOfMonth}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`
}
