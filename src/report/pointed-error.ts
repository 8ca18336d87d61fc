// Errors that a test framework shows verbatim, with the user's own line as the top of their stack. Knows no framework.

/** The name of errors that are about the use of this package. */
export const packageName = 'TwoGenerals'

/** The place of a call in the user's code: the stack from that line on. */
export type UserCall = Error

/** The place of a call to `callee`, which must be running. */
export function userCall(callee: (...args: never[]) => unknown): UserCall {
  const at = new Error('declared here')
  Error.captureStackTrace(at, callee)
  return at
}

/** An error of this text that points at a call. */
export function pointedError(text: string, at: UserCall, name: string): Error {
  const message = `\n${text}` // on a line of its own, below the name that the framework prints before every message
  const error = new Error(message)
  error.name = name
  error.stack = `${name}: ${message}\n${(at.stack ?? '').split('\n').slice(1).join('\n')}`
  return error
}

/** `checkout.test.ts:12`: the line of a call in a file, or only the file if the call is elsewhere. */
export function calledIn(path: string, at: UserCall): string {
  const frame = at.stack?.split('\n').find((line) => line.includes(path)) ?? ''
  const line = /:(\d+):\d+\)?$/.exec(frame)?.[1]
  return `${path.split('/').at(-1) ?? path}${line === undefined ? '' : `:${line}`}`
}
