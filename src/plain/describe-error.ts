// Errors in words, for every stage.

/** An error in one line for people: its class and message, and the cause of a failed fetch. Anything else as text. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const behind = error.message === 'fetch failed' && error.cause instanceof Error ? ` (${error.cause.message})` : ''
  // It stands inside a sentence
  return `${error.name}: ${error.message.replace(/(?<!\.)\.$/, '')}${behind}`
}
