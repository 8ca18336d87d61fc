// Words that every stage uses for errors.

/**
 * An error for people, in one line: its class and message, and what was behind a failed fetch; anything else as text.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const behind = error.message === 'fetch failed' && error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${error.name}: ${error.message}${behind}`
}
