// The error that ends a history when the caller made a mistake. It is never a verdict on the system.

/** The set-up is wrong, not the system under test. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

/** Code of a node asked for something real. */
export function escaped(node: string, what: string, at: string): SetupError {
  return new SetupError(
    `Node "${node}" escaped to real I/O, time or randomness: ${what} at ${at}. Inside a simulation nothing real can ` +
      'be reached, since no two runs of it are alike. Stub the host in `outside`, register the store in `stores`, or ' +
      'inject a fake there.',
  )
}
