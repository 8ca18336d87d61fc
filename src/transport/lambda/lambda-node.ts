// AWS Lambda handlers that answer HTTP, as nodes: each incarnation is a warm container, which works on one request at a
// time. How events and answers look stands beside this file; it must not know how a simulation runs.
import { epochMs } from '../../simulate/clock.ts'
import { assertNumber, assertOptions } from '../../plain/options.ts'
import type { NodeDefinition } from '../../system/system.ts'
import { running } from '../provide.ts'
import { addressOfCaller } from '../sockets/machine-address.ts'
import { assertOrigin, serve, type FetchHandler, type ServeOptions } from '../serve.ts'
import { answerOf, fronts, insteadOf, type LambdaFront } from './lambda-answer.ts'
import { answerFrom, contextOf, inTime, requestId, tellError, type AnyLambda, type Gateway } from './invocation.ts'
import { eventOf } from './lambda-event.ts'

/** A handler of AWS Lambda, which returns or promises its answer, or hands it to a callback. */
export type LambdaHandler = (event: never, context: never, callback: never) => unknown

/** How a Lambda function is called. */
export interface LambdaOptions extends Pick<ServeOptions, 'at'> {
  /**
   * What it stands behind, which decides the format of its events and answers (2.0 of HTTP APIs and function URLs, 1.0
   * of REST APIs), and what the caller gets where it fails (500, 502, 502) or takes too long (503 after 30 s, nothing,
   * 504 after 29 s).
   *
   * @default 'http-api'
   */
  readonly behind?: LambdaFront
  /**
   * The function's timeout, in milliseconds of virtual time: then its container is killed, and the caller gets the
   * answer of a failure.
   *
   * @default 3,000, as AWS has it
   */
  readonly timeout?: number
  /**
   * How many containers there are. Each works on one request at a time, and further requests wait for it. A whole
   * number from 1.
   *
   * @default 2
   */
  readonly instances?: number
}

const known = { at: true, behind: true, timeout: true, instances: true } satisfies Record<keyof LambdaOptions, true>

/** AWS' own default. */
const usualTimeoutMs = 3_000

/**
 * A node that is an AWS Lambda function behind an HTTP API, a function URL or a REST API. `boot` gives the handler, and
 * is called for every container: what it creates is lost when the container dies. The handler gets an event and a
 * context as AWS makes them, in virtual time, and returns `{ statusCode, headers, body, ... }`; in format 2.0 it may
 * return any other value, which is the body. Where it throws, or returns what AWS does not understand, the caller gets
 * what AWS says then. Once it has answered, its container is frozen until the next request: what it did not wait for
 * stands still, or never happens. For events of queues see `deliveries`.
 *
 * @throws if an option is unknown or has a wrong value
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @example
 * nodes: { shop: lambda(() => handler), search: lambda(() => makeSearch(), { behind: 'rest-api', timeout: 10_000 }) }
 */
export function lambda(
  boot: () => LambdaHandler | PromiseLike<LambdaHandler>,
  options: LambdaOptions = {},
): NodeDefinition {
  assertOptions('lambda()', options, known)
  const { behind = 'http-api', timeout = usualTimeoutMs, instances = 2, at } = options
  if (!Object.hasOwn(fronts, behind))
    throw new Error(
      `lambda(..., { behind: ${JSON.stringify(behind)} }): give one of ${Object.keys(fronts).join(', ')}.`,
    )
  assertOrigin('lambda', at)
  assertNumber('lambda(): timeout', timeout, 'milliseconds from 0')
  if (typeof boot !== 'function')
    throw new Error(
      'lambda(): its first argument is no function. Give a factory of the handler: lambda(() => handler).',
    )
  const containers = new WeakMap<AnyLambda, FetchHandler>()
  // The same for the same handler, so that it shows whose memory survives a container
  const containerOf = (handler: unknown): FetchHandler => {
    if (typeof handler !== 'function')
      throw new Error('lambda(): its factory gave no function. Return the handler itself: lambda(() => handler).')
    const own = handler as AnyLambda // whatever it takes, it is called as AWS does
    const known = containers.get(own) ?? { fetch: (request: Request) => invoke(own, request, behind, timeout) }
    containers.set(own, known)
    return known
  }
  return serve(
    () => {
      const made: unknown = boot()
      return made instanceof Promise ? made.then(containerOf) : containerOf(made)
    },
    { instances, capacity: { concurrent: 1 }, ...(at === undefined ? {} : { at }) },
  )
}

async function invoke(handler: AnyLambda, request: Request, front: LambdaFront, timeoutMs: number): Promise<Response> {
  const context = running()
  const { host, life } = context
  const whole = await request.arrayBuffer().catch(() => undefined)
  if (whole === undefined) return Response.error() // the gateway passes on nothing but whole requests
  const body = new Uint8Array(whole)
  const id = requestId(context)
  const nowMs = epochMs + host.nowMs
  const event = eventOf(request, body, { front, name: life.node, id, nowMs, sourceIp: addressOfCaller(context) })
  const answer = answerFrom(handler, event, contextOf(context, id, nowMs + timeoutMs))
  const { failed, late } = fronts[front]
  const made = answer.then(
    (result) => {
      const { response, malformed } = answerOf(result, front)
      if (malformed !== undefined) host.printed(context, `malformed answer: ${malformed}`)
      return response
    },
    (error: unknown) => {
      tellError(context, error)
      return insteadOf(...failed)
    },
  )
  return inTime(context, made, timeoutMs, () => insteadOf(...failed), late && gatewayOf(...late))
}

function gatewayOf(afterMs: number, status: number, body: string): Gateway<Response> {
  return { afterMs, instead: () => insteadOf(status, body) }
}
