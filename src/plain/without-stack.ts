// Errors that a network or a timer makes, whose stack no user's line is on. To read a stack costs more than all else of
// such an error, and Node's own have none that helps either.

/** What `make` makes, with no frames in its stack. */
export function withoutStack<E>(make: () => E): E {
  const depth = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = depth
  }
}
