// The answer to an operation as one text. Knows only values.
import { encodeValue } from '../plain/value.ts'
import { clip, printable } from './ink.ts'

/** The body of a Response, or the value; empty where there is none. Cut to a length in columns. */
export function answerText(value: unknown, longest: number): string {
  const answer =
    typeof value === 'object' && value !== null && 'status' in value && 'body' in value ? value.body : value
  if (answer === undefined || answer === null || answer === '') return ''
  return clip(printable(typeof answer === 'string' ? answer : JSON.stringify(encodeValue(answer))), longest)
}
