// The end of a sentence whose last part comes from somewhere else.

/** The text with a full stop, unless it ends with a mark already. */
export function ended(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}
