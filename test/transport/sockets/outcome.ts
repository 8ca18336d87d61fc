// What a client gives or throws, as data that is the same here and on a real loopback socket.

/** What a client's promise came to. */
export function outcome(result: Promise<unknown>): Promise<object> {
  return result.then((given) => ({ given }), failure)
}

/** What code can tell an error by. Stacks and addresses differ. */
function failure(error: unknown): object {
  if (!(error instanceof Error)) return { thrown: error }
  const { name, message } = error
  const fields = Object.fromEntries(
    ['code', 'errno', 'syscall', 'hostname', 'status', 'statusCode'].flatMap((key) => {
      const value: unknown = Reflect.get(error, key)
      return value === undefined ? [] : [[key, value]]
    }),
  )
  const where = /(127\.0\.0\.1|10\.0\.0\.1|shop)(:\d+)?/g
  const cause = error.cause === undefined ? {} : { cause: failure(error.cause) }
  return { name, message: message.replaceAll(where, 'host'), ...fields, ...cause }
}
