// One invocation of a Lambda handler: how it is called, what it gets beside its event, and that it may not take longer
// than its function's timeout. Must not know what events are.
import type { Context } from '../../simulate/context.ts'
import { describeError } from '../../plain/describe-error.ts'
import { freezeBetweenRequests } from '../../simulate/freeze.ts'
import { SetupError } from '../../simulate/setup-error.ts'
import type { World } from '../../simulate/world.ts'

/** A handler, as AWS calls it. */
export type AnyLambda = (event: object, context: object, callback: Callback) => unknown
type Callback = (error: unknown, result?: unknown) => void

/** What a handler returns, or hands to its callback, whichever is first. */
export function answerFrom(handler: AnyLambda, event: object, context: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => {
      if (error === undefined || error === null) resolve(result)
      else reject(error)
    })
    if (returned instanceof Promise || handler.length < 3) resolve(returned)
  })
}

/** A handler threw. @throws the error, where that is of the set-up */
export function tellError(context: Context, error: unknown): void {
  if (error instanceof SetupError) throw error
  context.host.printed(context, `Invoke Error: ${describeError(error)}`)
}

/** Who waits for the answer, and no longer than so many milliseconds. */
export interface Gateway<T> {
  readonly afterMs: number
  readonly instead: () => T
}

/** The answer, unless the function's time is over first: then its container is killed. */
export function inTime<T>(
  context: Context,
  made: Promise<T>,
  timeoutMs: number,
  failed: () => T,
  late: Gateway<T> | undefined,
): Promise<T> {
  const { host } = context
  return new Promise((resolve, reject) => {
    const gateway =
      late !== undefined && timeoutMs > late.afterMs
        ? host.arm(context, late.afterMs, () => resolve(late.instead()), false)
        : undefined
    const limit = host.arm(
      context,
      timeoutMs,
      () => {
        host.printed(context, `Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`)
        resolve(failed())
        // A step later, so that the answer has left by then
        host.soon(context, () => host.ends(context, 'SIGKILL'))
      },
      false,
    )
    const done = (): void => {
      limit.cancel()
      gateway?.cancel()
      host.soon(context, () => freezeBetweenRequests(host as World, context)) // the only Host that lends contexts
    }
    made.then(
      (response) => {
        done()
        resolve(response)
      },
      (error: unknown) => {
        done()
        reject(error)
      },
    )
  })
}

/** A UUID of version 4 (RFC 9562). */
export function requestId(context: Context): string {
  const hex = [1, 2, 3, 4].map(() => context.host.draw(context, 'awsRequestId').toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** What AWS hands on beside the event. Its deadline is a time of day, read on the container's own clock. */
export function contextOf({ host, life }: Context, id: string, deadlineMs: number): object {
  const name = life.node
  return {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${name}`,
    memoryLimitInMB: '128',
    awsRequestId: id,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: '2000/01/01/[$LATEST]00000000000000000000000000000000',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadlineMs - host.wallMs(life),
  }
}
