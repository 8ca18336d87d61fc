// The common parts of the built-in models: reading an act, and refusing an unknown one. Knows acts only.
import type { Act } from '../../history/act.ts'
import { alike } from '../content.ts'
import { isNumeric, type Numeric } from '../exact-sum.ts'
import { list, shown } from '../reason-words.ts'
import { UnknownActError } from '../unknown-act.ts'

/** Whether an act may have returned this value. */
export function readable({ output }: Act, value: unknown): boolean {
  return output === undefined || alike(output, value)
}

/** Whether an act may have been answered like this: `false` means no, anything else yes. */
export function mayAnswer({ output }: Act, yes: boolean): boolean {
  return output === undefined || (output !== false) === yes
}

export function noSuchAct(model: string, { f }: Act, have: readonly string[]): Error {
  return new UnknownActError(`The model ${model} has no "${f}" (have ${list(have)}).`)
}

/** Requires a number from an act. */
export function numberIn(model: string, { f }: Act, value: unknown): Numeric {
  if (isNumeric(value)) return value
  throw new Error(`The model ${model} cannot ${f} ${shown(value)}; give a number.`)
}
