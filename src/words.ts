// Words that every stage uses for errors.

/** An error for people, in one line: its class and message; anything else as text. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
