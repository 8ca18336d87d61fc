// Formats a value of a recorded file for a sentence.
import { writtenValue } from '../plain/written.ts'

const longest = 80

/** A string as it is, anything else as JSON; cut after 80 characters. */
export function shownText(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? 'nothing' : writtenValue(value)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
