// What the ready models have in common: reading an act, and refusing one that they do not have. Knows acts only.
import type { Act } from '../../history/act.ts'
import { alike } from '../content.ts'
import { isNumeric, type Numeric } from '../exact-sum.ts'
import { list, shown } from '../reason-words.ts'
import { UnknownActError } from '../unknown-act.ts'

/** Whether an act may have returned this. */
export function readable({ output }: Act, value: unknown): boolean {
  return output === undefined || alike(output, value)
}

/** Whether an act may have said `false` for no, and anything else for yes. */
export function mayAnswer({ output }: Act, yes: boolean): boolean {
  return output === undefined || (output !== false) === yes
}

export function noSuchAct(model: string, { f }: Act, have: readonly string[]): Error {
  return new UnknownActError(`The model ${model} has no "${f}" (have ${list(have)}).`)
}

/** A number that the model calculates with. */
export function numberIn(model: string, { f }: Act, value: unknown): Numeric {
  if (isNumeric(value)) return value
  throw new Error(`The model ${model} cannot ${f} ${shown(value)}; give a number.`)
}
