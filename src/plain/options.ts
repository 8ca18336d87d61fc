// Checks the options that callers pass, who may write plain JavaScript: refuses unknown names and values of a wrong
// type. The error names what was found and what to write. Knows no particular option.
import { suggestion } from './suggestion.ts'

/**
 * Refuses a value that is not an object with these options; undefined stands for the defaults.
 *
 * @param of whose options they are: `op("pay")`
 */
export function assertOptions(
  of: string,
  given: unknown,
  known: Readonly<Record<string, true>> | readonly string[],
): void {
  if (given === undefined) return
  const names: readonly string[] = known instanceof Array ? known : Object.keys(known)
  if (!isRecord(given))
    throw new Error(`${of}: its options are ${foundWords(given)}; give an object: { ${names.join(', ')} }.`)
  for (const option of Object.keys(given))
    if (!names.includes(option)) throw new Error(`${of} has no option "${option}"${suggestion(option, names)}`)
}

/** Whether a value is an object, and not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type NumberRule =
  | 'a whole number'
  | 'a whole number from 0'
  | 'a whole number from 1'
  | '1, 2 or 3'
  | 'milliseconds from 0'
  | 'milliseconds above 0'

const rules: Readonly<Record<NumberRule, (value: number) => boolean>> = {
  'a whole number': (value) => Number.isSafeInteger(value),
  'a whole number from 0': (value) => Number.isSafeInteger(value) && value >= 0,
  'a whole number from 1': (value) => Number.isSafeInteger(value) && value >= 1,
  '1, 2 or 3': (value) => value === 1 || value === 2 || value === 3,
  'milliseconds from 0': (value) => Number.isFinite(value) && value >= 0,
  'milliseconds above 0': (value) => Number.isFinite(value) && value > 0,
}

/** Refuses a value that breaks a rule; undefined stands for the default. */
export function assertNumber(what: string, value: unknown, rule: NumberRule): void {
  if (value === undefined || (typeof value === 'number' && rules[rule](value))) return
  throw new Error(`${what} is ${foundWords(value)}; give ${rule}.`)
}

/** Refuses a value of another type; undefined stands for the default. */
export function assertType(
  what: string,
  value: unknown,
  type: 'function' | 'boolean' | 'string',
  example: string,
): void {
  if (value !== undefined && typeof value !== type) throw new Error(`${what} is ${foundWords(value)}; give ${example}.`)
}

/** Refuses a value that is not an array; undefined stands for the default. */
export function assertList(what: string, value: unknown, example: string): void {
  if (value !== undefined && !Array.isArray(value))
    throw new Error(`${what} is ${foundWords(value)}; give a list: ${example}.`)
}

/** A value that was not expected, in a few words. */
export function foundWords(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
